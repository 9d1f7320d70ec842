//! Adding a picture: what it is, where it lies, and placing it by corners or control points with what is left over at
//! each. It stays beside the map, so that places can be taken from there.

use std::path::{Path, PathBuf};

use egui::{ColorImage, DragValue, RichText, Sense, TextureHandle, TextureOptions, Ui, vec2};
use gis_core::cartography::layers::{ControlPoint, Fit, Georeference, LayerId, Method, RasterSource};
use gis_core::io::raster::{Picture, Placing, RasterInfo};
use gis_core::{Message, Result};

use super::crs_picker::CrsPicker;
use crate::i18n::{say, tr};
use crate::panels::widgets;
use crate::shell::action::Action;
use crate::shell::ground::GroundAction;
use crate::theme::Theme;

/// Longest side of the preview in points.
const PREVIEW: f32 = 300.0;

/// What a task found in a file.
#[derive(Debug)]
pub struct InspectedImage {
    pub path: PathBuf,
    pub found: Result<(RasterInfo, Picture)>,
}

/// Whose coordinates the ground places are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Ground {
    /// As the file says.
    #[default]
    Own,
    Project,
    Other,
}

pub struct ImageryDialog {
    path: PathBuf,
    /// The layer whose placing is changed; a new one where `None`.
    layer: Option<LayerId>,
    info: Option<RasterInfo>,
    failure: Option<Message>,
    preview: Option<TextureHandle>,
    source: RasterSource,
    ground: Ground,
    method: Method,
    points: Vec<ControlPoint>,
    chosen: usize,
    /// The next click on the map is the ground place of the chosen point.
    takes_from_map: bool,
}

impl ImageryDialog {
    pub fn new(path: PathBuf) -> Self {
        let source = RasterSource {
            path: path.display().to_string(),
            ..RasterSource::default()
        };
        Self::of(path, source, None)
    }

    /// Places a layer anew.
    pub fn for_layer(layer: LayerId, source: RasterSource) -> Self {
        Self::of(PathBuf::from(&source.path), source, Some(layer))
    }

    fn of(path: PathBuf, source: RasterSource, layer: Option<LayerId>) -> Self {
        let placed = source.georeference.clone().unwrap_or_default();
        Self {
            path,
            layer,
            info: None,
            failure: None,
            preview: None,
            ground: match (&source.georeference, &placed.crs) {
                (None, _) => Ground::Own,
                (Some(_), None) => Ground::Project,
                (Some(_), Some(_)) => Ground::Other,
            },
            source,
            method: placed.method,
            points: placed.points,
            chosen: 0,
            takes_from_map: false,
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn inspected(&mut self, inspected: InspectedImage, ctx: &egui::Context) {
        if inspected.path != self.path {
            return;
        }
        match inspected.found {
            Ok((info, picture)) => {
                let image = ColorImage::from_rgba_unmultiplied(picture.size, &picture.pixels);
                self.preview = Some(ctx.load_texture("imagery preview", image, TextureOptions::LINEAR));
                if self.layer.is_none() {
                    if info.placing == Placing::None {
                        self.method = Method::TwoCorners;
                        self.ground = Ground::Project;
                        let corner = |pixel| ControlPoint {
                            pixel,
                            ..ControlPoint::default()
                        };
                        self.points = vec![
                            corner([0.0, 0.0]),
                            corner([info.columns as f64, info.rows as f64]),
                        ];
                    } else if info.placing == Placing::ControlPoints {
                        // So that their residuals are seen with whichever method is chosen.
                        self.points.clone_from(&info.control_points);
                    } else if info.crs.is_none() {
                        self.ground = Ground::Project;
                    }
                }
                self.info = Some(info);
            }
            Err(error) => self.failure = Some(error.message()),
        }
    }

    /// Whether a click on the map is meant for this dialog.
    pub fn takes_from_map(&self) -> bool {
        self.takes_from_map
    }

    /// A place of the map, in project coordinates.
    pub fn take_place(&mut self, place: [f64; 2]) {
        if let Some(point) = self.points.get_mut(self.chosen) {
            point.ground = place;
        }
        self.takes_from_map = false;
    }

    fn georeference(&self, crs: &CrsPicker) -> Option<Georeference> {
        let definition = match self.ground {
            Ground::Own if self.method == Method::Own => return None,
            Ground::Own => self.info.as_ref()?.crs.as_ref().map(|c| c.wkt.clone()),
            Ground::Project => None,
            Ground::Other => crs
                .chosen()
                .map(|c| {
                    c.epsg
                        .map_or_else(|| c.wkt.clone(), |epsg| format!("EPSG:{epsg}"))
                })
                .or_else(|| self.source.georeference.as_ref()?.crs.clone()),
        };
        Some(Georeference {
            crs: definition,
            method: self.method,
            points: self.points.clone(),
        })
    }

    /// Returns whether the dialog stays open.
    pub fn ui(
        &mut self,
        ctx: &egui::Context,
        theme: &Theme,
        crs: &mut CrsPicker,
        actions: &mut Vec<Action>,
    ) -> bool {
        let mut is_open = true;
        let mut is_done = false;
        egui::Window::new(tr("imagery.dialog.title"))
            .id(egui::Id::unique("add_imagery"))
            .open(&mut is_open)
            .collapsible(true)
            .resizable(false)
            .default_width(640.0)
            .default_pos([300.0, 90.0])
            .show(ctx, |ui| {
                ui.add(egui::Label::new(self.path.display().to_string()).truncate());
                if let Some(failure) = &self.failure {
                    let s = &theme.status;
                    widgets::notice_ui(ui, s.error.0, s.error_ground.0, &say(failure));
                    return;
                }
                let Some(info) = self.info.clone() else {
                    ui.horizontal(|ui| {
                        ui.spinner();
                        ui.label(tr("imagery.dialog.looking"));
                    });
                    return;
                };
                ui.horizontal_top(|ui| {
                    self.preview_ui(ui, theme, &info);
                    ui.vertical(|ui| facts_ui(ui, theme, &info));
                });
                self.ground_ui(ui, theme, crs, &info, actions);
                let fit = self.placing_ui(ui, theme, crs);
                is_done = self.foot_ui(ui, theme, crs, &info, fit.as_ref(), actions);
            });
        is_open && !is_done
    }

    /// A click names the pixel of the chosen point.
    fn preview_ui(&mut self, ui: &mut Ui, theme: &Theme, info: &RasterInfo) {
        let Some(texture) = &self.preview else { return };
        let size = texture.size_vec2();
        let shown = size * (PREVIEW / size.max_elem()).min(1.0);
        let (rect, response) = ui.allocate_exact_size(shown, Sense::click());
        egui::Image::new((texture.id(), shown)).paint_at(ui, rect);
        let pixels = vec2(info.columns as f32, info.rows as f32);
        if self.method == Method::Own {
            return;
        }
        for (i, point) in self.points.iter().enumerate() {
            let at = rect.min + vec2(point.pixel[0] as f32, point.pixel[1] as f32) / pixels * shown;
            let colour = if i == self.chosen {
                theme.status.error.0
            } else {
                theme.accent.fill.0
            };
            let ring = egui::Stroke::new(2.0, colour);
            ui.painter().circle_stroke(at, 5.0, ring);
            ui.painter().text(
                at + vec2(6.0, -6.0),
                egui::Align2::LEFT_BOTTOM,
                (i + 1).to_string(),
                egui::FontId::proportional(theme.size.text_small),
                colour,
            );
        }
        if let (Some(at), Some(point)) = (
            response.interact_pointer_pos().filter(|_| response.clicked()),
            self.points.get_mut(self.chosen),
        ) {
            let place = (at - rect.min) / shown * pixels;
            point.pixel = [f64::from(place.x), f64::from(place.y)];
        }
    }

    /// In which system the ground places are.
    fn ground_ui(
        &mut self,
        ui: &mut Ui,
        theme: &Theme,
        crs: &mut CrsPicker,
        info: &RasterInfo,
        actions: &mut Vec<Action>,
    ) {
        ui.add_space(6.0);
        ui.horizontal(|ui| {
            ui.label(tr("imagery.dialog.crs"));
            if let Some(own) = &info.crs {
                ui.radio_value(&mut self.ground, Ground::Own, &own.name);
            }
            ui.radio_value(
                &mut self.ground,
                Ground::Project,
                tr("imagery.dialog.crs_project"),
            );
            ui.radio_value(&mut self.ground, Ground::Other, tr("imagery.dialog.crs_other"));
        });
        if info.crs.is_none() && self.method == Method::Own {
            let s = &theme.status;
            widgets::notice_ui(ui, s.warning.0, s.warning_ground.0, &tr("imagery.dialog.no_crs"));
        }
        if self.ground == Ground::Other {
            crs.ui(ui, theme, actions);
        }
    }

    /// The method and the table of points; the fit where there is one.
    fn placing_ui(&mut self, ui: &mut Ui, theme: &Theme, crs: &CrsPicker) -> Option<Fit> {
        let name = |method: Method| tr(&format!("imagery.method.{}", method.key()));
        let shown = name(self.method);
        widgets::choice_ui(ui, "imagery.dialog.method", &shown, |ui| {
            for method in Method::ALL {
                ui.selectable_value(&mut self.method, method, name(method));
            }
        });
        if self.method == Method::Own {
            return None;
        }
        let fitted = self.georeference(crs)?.fit();
        let fit = fitted.as_ref().ok();
        self.table_ui(ui, theme, fit);
        match &fitted {
            Ok(fit) => {
                let text = Message::new("imagery.dialog.rms")
                    .with("rms", format!("{:.3}", fit.rms))
                    .with("pixel", format!("{:.3}", fit.pixel_size));
                ui.label(RichText::new(say(&text)).color(theme.text.strong.0));
            }
            Err(error) => {
                ui.label(RichText::new(say(&error.message())).color(theme.status.warning.0));
            }
        }
        fitted.ok()
    }

    fn table_ui(&mut self, ui: &mut Ui, theme: &Theme, fit: Option<&Fit>) {
        let mut removed = None;
        let (chosen, points) = (&mut self.chosen, &mut self.points);
        egui::ScrollArea::vertical()
            .id_salt("imagery_points")
            .max_height(180.0)
            .show(ui, |ui| {
                egui::Grid::new("imagery_point_grid")
                    .num_columns(8)
                    .striped(true)
                    .show(ui, |ui| {
                        for name in ["number", "use", "column", "row", "x", "y", "residual"] {
                            ui.label(RichText::new(tr(&format!("imagery.point.{name}"))).small());
                        }
                        ui.end_row();
                        for (i, point) in points.iter_mut().enumerate() {
                            ui.radio_value(chosen, i, (i + 1).to_string());
                            ui.checkbox(&mut point.is_used, "");
                            for value in &mut point.pixel {
                                ui.add(DragValue::new(value).speed(1.0).max_decimals(2));
                            }
                            for value in &mut point.ground {
                                ui.add(DragValue::new(value).speed(0.1).max_decimals(4));
                            }
                            let residual = fit.and_then(|f| f.residuals.get(i));
                            let text = residual.map_or_else(String::new, |r| {
                                format!("{:.3} ({:+.3}, {:+.3})", r.distance, r.ground[0], r.ground[1])
                            });
                            let is_bad = residual
                                .zip(fit)
                                .is_some_and(|(r, f)| r.distance > 2.0 * f.rms && f.rms > 0.0);
                            let ink = if is_bad {
                                theme.status.error.0
                            } else {
                                theme.text.primary.0
                            };
                            ui.label(RichText::new(text).color(ink));
                            if ui
                                .small_button("×")
                                .on_hover_text(tr("imagery.point.remove"))
                                .clicked()
                            {
                                removed = Some(i);
                            }
                            ui.end_row();
                        }
                    });
            });
        if let Some(i) = removed {
            points.remove(i);
            *chosen = (*chosen).min(points.len().saturating_sub(1));
        }
        ui.horizontal(|ui| {
            if ui.button(tr("imagery.point.add")).clicked() {
                self.points.push(ControlPoint::default());
                self.chosen = self.points.len() - 1;
            }
            let has_point = self.chosen < self.points.len() && self.ground == Ground::Project;
            ui.add_enabled_ui(has_point, |ui| {
                ui.toggle_value(&mut self.takes_from_map, tr("imagery.point.from_map"))
                    .on_hover_text(tr("imagery.point.from_map_tip"));
            });
        });
    }

    /// True once the picture was added.
    fn foot_ui(
        &mut self,
        ui: &mut Ui,
        theme: &Theme,
        crs: &CrsPicker,
        info: &RasterInfo,
        fit: Option<&Fit>,
        actions: &mut Vec<Action>,
    ) -> bool {
        ui.add_space(8.0);
        let has_system = self.ground != Ground::Other
            || crs.chosen().is_some()
            || self.source.georeference.as_ref().is_some_and(|g| g.crs.is_some());
        let is_ready = has_system
            && match self.method {
                Method::Own => {
                    info.placing != Placing::None && (self.ground != Ground::Own || info.crs.is_some())
                }
                _ => fit.is_some(),
            };
        let mut is_done = false;
        ui.horizontal(|ui| {
            let add = widgets::primary_button(theme, &tr("imagery.dialog.add"));
            if ui.add_enabled(is_ready, add).clicked() {
                self.source.georeference = self.georeference(crs);
                actions.push(Action::Ground(GroundAction::PutImagery {
                    layer: self.layer.clone(),
                    source: self.source.clone(),
                }));
                is_done = true;
            }
            if let Some(placement) = fit.map(|f| f.placement)
                && ui
                    .button(tr("imagery.dialog.world_file"))
                    .on_hover_text(tr("imagery.dialog.world_file_tip"))
                    .clicked()
            {
                actions.push(Action::Ground(GroundAction::WriteWorldFile(
                    self.path.clone(),
                    placement,
                )));
            }
            if info.needs_overviews() && ui.button(tr("imagery.panel.pyramids")).clicked() {
                actions.push(Action::Ground(GroundAction::BuildPyramids(self.path.clone())));
            }
        });
        is_done
    }
}

fn facts_ui(ui: &mut Ui, theme: &Theme, info: &RasterInfo) {
    let bands: Vec<String> = info.bands.iter().map(|b| b.kind.clone()).collect();
    let overviews = if info.overviews.is_empty() {
        tr("imagery.fact.no_overviews")
    } else {
        info.overviews.len().to_string()
    };
    let crs = info
        .crs
        .as_ref()
        .map_or_else(|| tr("imagery.fact.unknown"), |c| c.name.clone());
    let nodata = info.bands.first().and_then(|b| b.nodata);
    let facts = [
        ("size", format!("{} × {}", info.columns, info.rows)),
        ("format", info.driver.clone()),
        ("bands", bands.join(", ")),
        ("crs", crs),
        ("placing", tr(&format!("imagery.placing.{}", info.placing.key()))),
        ("overviews", overviews),
        ("nodata", nodata.map_or_else(|| "–".to_owned(), |v| v.to_string())),
        ("bytes", format!("{:.1} MB", info.file_bytes as f64 / 1e6)),
    ];
    egui::Grid::new("imagery_facts").num_columns(2).show(ui, |ui| {
        for (name, value) in facts {
            ui.label(RichText::new(tr(&format!("imagery.fact.{name}"))).color(theme.text.weak.0));
            ui.add(egui::Label::new(value).wrap());
            ui.end_row();
        }
    });
}

#[cfg(test)]
mod tests {
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable as _;
    use gis_core::Lang;

    use super::*;
    use crate::theme::ThemeKind;

    struct Scene {
        dialog: ImageryDialog,
        crs: CrsPicker,
        actions: Vec<Action>,
        theme: Theme,
    }

    fn info(path: &Path) -> RasterInfo {
        RasterInfo {
            path: path.to_owned(),
            driver: "PNG".to_owned(),
            columns: 400,
            rows: 300,
            bands: Vec::new(),
            crs: None,
            placing: Placing::None,
            affine: None,
            control_points: Vec::new(),
            overviews: Vec::new(),
            block: [400, 1],
            has_mask: false,
            file_bytes: 1_000,
        }
    }

    #[test]
    fn a_picture_without_a_place_is_added_once_its_corners_are_known() {
        crate::i18n::set_lang(Lang::En);
        let path = PathBuf::from("/data/plan.png");
        let dialog = ImageryDialog::new(path.clone());
        let scene = Scene {
            dialog,
            crs: CrsPicker::default(),
            actions: Vec::new(),
            theme: Theme::load(ThemeKind::Light).unwrap(),
        };
        let mut harness = Harness::builder()
            .with_size(vec2(900.0, 800.0))
            .with_context_setup(crate::fonts::install)
            .build_ui_state(
                |ui, scene: &mut Scene| {
                    crate::i18n::set_lang(Lang::En);
                    let ctx = ui.ctx().clone();
                    scene
                        .dialog
                        .ui(&ctx, &scene.theme, &mut scene.crs, &mut scene.actions);
                },
                scene,
            );
        let ctx = harness.ctx.clone();
        let picture = Picture {
            size: [4, 3],
            pixels: vec![128; 48],
            is_coarse: false,
        };
        let found = Ok((info(&path), picture));
        harness
            .state_mut()
            .dialog
            .inspected(InspectedImage { path, found }, &ctx);
        harness.run_steps(4);
        harness.get_by_label("Add to map").click();
        harness.run_steps(4);
        assert!(
            harness.state().actions.is_empty(),
            "both corners lie at 0, 0: refused"
        );
        let dialog = &mut harness.state_mut().dialog;
        dialog.take_place([1_000.0, 5_000.0]);
        dialog.chosen = 1;
        dialog.take_place([1_800.0, 4_400.0]);
        harness.run_steps(4);
        harness.get_by_label("RMS 0.000, pixel size 2.000 (ground units)");
        harness.get_by_label("Add to map").click();
        harness.run_steps(4);
        let [Action::Ground(GroundAction::PutImagery { source, .. })] = &harness.state().actions[..] else {
            panic!("the picture is added")
        };
        let fit = source.georeference.as_ref().unwrap().fit().unwrap();
        assert_eq!(
            fit.placement.as_affine(),
            Some([1_000.0, 2.0, 0.0, 5_000.0, 0.0, -2.0])
        );
    }
}
