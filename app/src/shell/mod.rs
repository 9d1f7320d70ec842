//! The window: what is open, which panels stand where, what the user asked for. It computes nothing about the
//! network; questions go to tasks and their answers come back as events.

pub mod action;
mod adapter;
mod attachments;
mod bars;
mod base_maps;
mod bookmarks;
mod carry_out;
pub mod checking;
mod chooser;
pub mod depth;
mod dock;
pub mod edit_order;
pub mod editing;
pub mod engineering;
mod files;
pub mod ground;
mod layers;
pub mod locating;
pub mod messages;
mod news;
pub mod operations;
mod palette;
pub mod parts;
mod picking;
mod printing;
mod projects;
pub mod querying;
mod reports;
pub mod reshaping;
mod script;
mod stack;
mod start;
pub mod statistics;
mod status;
pub mod table;
mod template;
mod views;
mod welcome;
mod workspace;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use gis_core::schema::Schema;
use gis_core::{Error, Lang, Message, Severity};

pub use script::Script;
pub use start::{StartOptions, run};
pub(crate) use workspace::read as read_workspace;
pub use workspace::{LeaveAnswer, Leaving};

use crate::commands::{Command, CommandEnv};
use crate::dialogs::Dialogs;
use crate::dialogs::unsaved::unsaved_ui;
use crate::i18n;
use crate::labels::Labels;
use crate::last_session::LastSession;
use crate::map::tools::ToolBox;
use crate::map::{MapView, TOOL_KEYS, tiles};

use crate::panels::Panels;
use crate::session::{Session, Target};
use crate::settings::Settings;
use crate::tasks::{Arrival, Tasks};
use crate::theme::{self, Theme, ThemeKind};
use crate::view::{Highlight, MapOutput};
use action::{Action, Event};
use messages::Messages;

/// How long the program waits at its end for the project file to be closed.
const CLOSING_PATIENCE: Duration = Duration::from_secs(20);
/// What is still read when the window closes is waited for no longer than this.
const READING_PATIENCE: Duration = Duration::from_secs(5);

/// The whole state of the window.
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, not states of one thing"
)]
pub struct App {
    pub(crate) settings: Settings,
    /// `None` where nothing is to be remembered (tests, screenshots).
    settings_path: Option<PathBuf>,
    lang: Lang,
    theme: Theme,
    is_theme_applied: bool,
    /// In the last frame.
    was_focused: bool,

    ctx: egui::Context,
    tasks: Tasks<Event>,
    actions: Vec<Action>,
    pub(crate) messages: Messages,

    /// The program's own; a project may have another.
    schema: Arc<Schema>,
    session: Option<Session>,
    render_state: Option<egui_wgpu::RenderState>,
    map: Option<MapView>,
    second: views::SecondView,
    map_output: MapOutput,
    tools: ToolBox,
    highlight: Highlight,
    panels: Panels,
    boxes: status::StatusBoxes,
    saving: workspace::Saving,
    labels: Labels,
    dock: dock::Dock,
    dialogs: Dialogs,
    palette: palette::Palette,
    locating: locating::Locating,
    /// What is being looked for is to fill the map.
    zoom_to_found: bool,
    chooser: Option<chooser::Chooser>,
    stack: stack::ClickStack,

    script: Option<Script>,
    is_software_rendering: bool,
    uses_own_dialogs: bool,
    /// The workbook that was chosen to be filled.
    template: Option<PathBuf>,
    is_full_screen: bool,
    frames: u64,
}

impl App {
    /// # Errors
    /// A theme file is malformed, or there is nothing to draw on.
    pub fn new(cc: &eframe::CreationContext<'_>, options: &StartOptions) -> anyhow::Result<Self> {
        crate::fonts::install(&cc.egui_ctx);
        egui_extras::install_image_loaders(&cc.egui_ctx);
        let settings_path = if let Some(folder) = &options.config_dir {
            Some(folder.join("settings.toml"))
        } else if options.is_forgetful() {
            None
        } else {
            crate::settings::default_path()
        };
        let settings = settings_path.as_deref().map(Settings::load).unwrap_or_default();
        let lang = options.lang.or(settings.lang).unwrap_or_else(i18n::system_lang);
        i18n::set_lang(lang);
        let theme = Theme::load(options.theme.unwrap_or(settings.theme))?;
        let render_state = cc.wgpu_render_state.as_ref();
        let mut app = Self {
            settings,
            settings_path,
            lang,
            theme,
            is_theme_applied: false,
            was_focused: false,
            ctx: cc.egui_ctx.clone(),
            tasks: Tasks::new(cc.egui_ctx.clone()),
            actions: Vec::new(),
            messages: Messages::default(),
            schema: Arc::new(Schema::builtin()?),
            session: None,
            render_state: render_state.cloned(),
            map: render_state.map(MapView::new),
            second: views::SecondView::default(),
            map_output: MapOutput::default(),
            tools: ToolBox::default(),
            highlight: Highlight::default(),
            panels: Panels::default(),
            boxes: status::StatusBoxes::default(),
            saving: workspace::Saving::default(),
            labels: Labels::default(),
            dock: dock::Dock::new(),
            dialogs: Dialogs::default(),
            palette: palette::Palette::default(),
            locating: locating::Locating::default(),
            zoom_to_found: false,
            chooser: None,
            stack: stack::ClickStack::default(),
            script: Script::from_options(options),
            is_software_rendering: render_state.is_some_and(|s| adapter::is_software(&s.adapter.get_info())),
            uses_own_dialogs: options.own_dialogs,
            template: None,
            is_full_screen: false,
            frames: 0,
        };
        theme::apply(&cc.egui_ctx, &app.theme);
        if options.file_to_open().is_none() && !options.sample {
            app.saving.broken_off = app
                .settings_path
                .as_deref()
                .and_then(|path| LastSession::broken_off(&LastSession::path(path)));
        }
        if let Some(path) = options.file_to_open() {
            app.actions.push(Action::OpenPath(path.clone()));
        }
        if options.sample {
            app.actions.push(Action::Command(Command::OpenSample));
        }
        Ok(app)
    }

    /// Frames drawn so far. An idle window draws none.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    pub fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    pub fn panels(&self) -> &Panels {
        &self.panels
    }

    /// For what drives the window without a pointer.
    pub fn panels_mut(&mut self) -> &mut Panels {
        &mut self.panels
    }

    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    pub fn messages(&self) -> &Messages {
        &self.messages
    }

    pub fn highlight(&self) -> &Highlight {
        &self.highlight
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    pub fn map(&self) -> Option<&MapView> {
        self.map.as_ref()
    }

    /// The second view, while it is shown.
    pub fn second_map(&self) -> Option<&MapView> {
        self.second.map.as_ref()
    }

    pub fn tools(&self) -> &ToolBox {
        &self.tools
    }

    pub fn tools_mut(&mut self) -> &mut ToolBox {
        &mut self.tools
    }

    pub fn theme(&self) -> &Theme {
        &self.theme
    }

    /// Whether no task runs and nothing waits to be carried out.
    pub fn is_settled(&self) -> bool {
        self.tasks.is_idle()
            && self.actions.is_empty()
            && !self.panels.is_waiting()
            && !self.saving.is_waiting
            && !self.labels.is_waiting()
            && !self.locating.is_waiting()
    }

    /// As if the user had asked for it; carried out in the next frame.
    pub fn ask(&mut self, action: Action) {
        self.actions.push(action);
    }

    fn env(&self) -> CommandEnv {
        CommandEnv {
            has_project: self.session.is_some(),
            is_busy: !self.tasks.is_idle(),
            has_selection: self.panels.identify.target.is_some(),
            has_selected_pipe: matches!(self.panels.identify.target, Some(Target::Pipe(_))),
            is_writable: self.session.as_ref().is_some_and(|s| !s.is_read_only),
            is_editing: self.session.as_ref().is_some_and(|s| s.is_editing),
            has_burst: self.panels.burst.result().is_some(),
            has_path: self.panels.path.result().is_some(),
            has_measurements: !self.panels.measure.done.0.is_empty(),
            has_second_view: self.second.place != views::SecondPlace::Hidden,
        }
    }

    fn say(&mut self, severity: Severity, message: Message) {
        self.messages.push(severity, message);
    }

    fn fail(&mut self, error: &Error) {
        log::warn!("{error}");
        self.say(Severity::Error, error.message());
    }

    fn set_lang(&mut self, lang: Lang) {
        self.lang = lang;
        self.settings.lang = Some(lang);
        self.save_settings();
    }

    fn set_theme(&mut self, kind: ThemeKind) {
        match Theme::load(kind) {
            Ok(theme) => {
                self.theme = theme;
                self.is_theme_applied = false;
                self.settings.theme = kind;
                self.save_settings();
            }
            Err(error) => log::error!("theme: {error}"),
        }
    }

    fn save_settings(&self) {
        if let Some(path) = &self.settings_path {
            self.settings.save(path);
        }
    }

    /// Puts together what the map highlights; called after every change of it.
    fn refresh_highlight(&mut self) {
        let mut highlight = Highlight {
            revision: self.highlight.revision + 1,
            ..Highlight::default()
        };
        if let Some(session) = &self.session {
            let network = &session.network;
            self.panels.engineering.highlight(network, &mut highlight);
        }
        self.panels.query.highlight(&mut highlight);
        self.panels.burst.highlight(&mut highlight);
        self.panels.path.highlight(&mut highlight);
        if let Some(session) = &self.session {
            self.panels.table.highlight(&session.network, &mut highlight);
        }
        self.panels.identify.highlight(&mut highlight);
        self.highlight = highlight;
    }

    fn shortcuts(&mut self, ctx: &egui::Context) {
        let is_typing = ctx.egui_wants_keyboard_input();
        let is_covered = self.palette.is_open()
            || self.dialogs.is_open()
            || self.chooser.is_some()
            || self.saving.asked.is_some();
        // A shortcut without Shift takes the key with Shift as well: those with it come first.
        for with_shift in [true, false] {
            let of_command = |command: Command| command.shortcuts().iter().map(move |s| (command, s));
            let shortcuts = Command::all().flat_map(of_command);
            for (command, shortcut) in shortcuts.filter(|(_, s)| s.modifiers.shift == with_shift) {
                let is_single = shortcut.modifiers.is_none();
                let is_escape = is_single && shortcut.logical_key == egui::Key::Escape;
                // What the tool has begun comes first.
                let is_tools =
                    is_single && TOOL_KEYS.contains(&shortcut.logical_key) && self.tools.tool().is_busy();
                if (is_typing && is_single) || (is_covered && is_escape) || is_tools {
                    continue;
                }
                if ctx.input_mut(|i| i.consume_shortcut(shortcut)) {
                    self.actions.push(Action::Command(command));
                }
            }
        }
    }

    fn dropped_files(&mut self, ctx: &egui::Context) {
        let dropped = ctx.input(|i| i.raw.dropped_files.first().map(|f| f.path().to_owned()));
        match dropped {
            Some(path) if self.panels.identify.target.is_some() && attachments::is_attachable(&path) => {
                let all = ctx.input(|i| i.raw.dropped_files.iter().map(|f| f.path().to_owned()).collect());
                self.actions.push(Action::Attach(all));
            }
            Some(path) if tiles::source_of_file(&path).is_some() => self.open_base_map(&path),
            Some(path) => self.actions.push(Action::OpenPath(path)),
            None => {}
        }
    }

    fn drain(&mut self, ctx: &egui::Context) {
        // Carrying out one action may ask for others; those come in the same frame.
        let mut rounds = 0;
        while !self.actions.is_empty() && rounds < 16 {
            for action in std::mem::take(&mut self.actions) {
                self.carry_out(action, ctx);
            }
            rounds += 1;
        }
    }

    fn receive(&mut self) {
        for arrival in self.tasks.poll() {
            match arrival {
                Arrival::Event(event) => self.take_in(event),
                Arrival::Failure(error) => self.fail(&error),
            }
        }
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.tasks.cancel_all();
        self.map = None;
        self.second.map = None;
        if !crate::map::readers::Readers::of(&self.ctx).wait(READING_PATIENCE) {
            log::warn!("a file is still being read while the window closes");
        }
    }
}

impl eframe::App for App {
    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        self.frames += 1;
        i18n::set_lang(self.lang);
        let ctx = ui.ctx().clone();
        if !self.is_theme_applied {
            theme::apply(&ctx, &self.theme);
            self.is_theme_applied = true;
        }
        self.receive();
        self.shortcuts(&ctx);
        self.dropped_files(&ctx);
        self.run_script(&ctx);

        self.menu_bar_ui(ui);
        if self.session.is_some() {
            self.toolbar_ui(ui);
        }
        self.messages.bar_ui(ui, &self.theme);
        self.status_bar_ui(ui);
        if self.session.is_some() {
            self.dock_ui(ui);
        } else {
            self.welcome_ui(ui);
        }
        self.drop_hint_ui(&ctx);
        self.dialogs_ui(&ctx);
        self.watch_closing(&ctx);
        if let (Some(leaving), Some(session)) = (&self.saving.asked, &self.session) {
            let is_temporary = session.is_temporary;
            unsaved_ui(&ctx, &self.theme, leaving, is_temporary, &mut self.actions);
        }
        self.palette_ui(&ctx);
        self.chooser_ui(&ctx);
        self.drain(&ctx);
        self.watch_outside(&ctx);
        self.follow_edits();
        self.follow_operation();
        self.follow_engineering();
        self.follow_layers();
    }

    fn on_exit(&mut self) {
        self.note_closed();
        self.tasks.cancel_all();
        if let Some(session) = &self.session {
            session.service.close(CLOSING_PATIENCE);
        }
    }

    /// A window that takes its own picture does not react to where the pointer happens to be.
    fn raw_input_hook(&mut self, _ctx: &egui::Context, raw_input: &mut egui::RawInput) {
        if self.script.is_some() {
            raw_input
                .events
                .retain(|event| !matches!(event, egui::Event::PointerMoved(_) | egui::Event::MouseMoved(_)));
        }
    }

    fn clear_color(&self, _visuals: &egui::Visuals) -> [f32; 4] {
        self.theme.surface.window.0.to_normalized_gamma_f32()
    }
}
