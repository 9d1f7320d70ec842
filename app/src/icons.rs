//! Icons of the program: SVG files drawn in white and tinted with the theme's ink.

use egui::{Image, ImageSource, Vec2};

macro_rules! icons {
    ($($variant:ident => $file:literal),* $(,)?) => {
        /// One file of `assets/icons`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::EnumIter)]
        pub enum Icon { $($variant),* }

        impl Icon {
            fn source(self) -> ImageSource<'static> {
                match self {
                    $(Self::$variant => ImageSource::Bytes {
                        uri: concat!("bytes://icons/", $file, ".svg").into(),
                        bytes: include_bytes!(concat!("../../assets/icons/", $file, ".svg")).into(),
                    }),*
                }
            }
        }
    };
}

icons! {
    Bookmark => "bookmark",
    Burst => "burst",
    Check => "check",
    City => "city",
    Clear => "clear",
    Close => "close",
    Customer => "customer",
    FilePlus => "file-plus",
    FolderOpen => "folder-open",
    FullScreen => "full-screen",
    Hydrant => "hydrant",
    Identify => "identify",
    Image => "image",
    Import => "import",
    Info => "info",
    Language => "language",
    Layers => "layers",
    Measure => "measure",
    Pan => "pan",
    Path => "path",
    Print => "print",
    Save => "save",
    Search => "search",
    Snap => "snap",
    Table => "table",
    Theme => "theme",
    Valve => "valve",
    Views => "views",
    Warning => "warning",
    ZoomBox => "zoom-box",
    ZoomFull => "zoom-full",
    ZoomSelection => "zoom-selection",
    Error => "error",
    Flag => "flag",
    Dimension => "dimension",
    Label => "label",
    MoveLabel => "move-label",
    Edit => "edit",
    Undo => "undo",
    Redo => "redo",
    PlaceNode => "place-node",
    DrawPipe => "draw-pipe",
    MoveNode => "move-node",
    Vertices => "vertices",
    Square => "square",
    Trace => "trace",
    Split => "split",
    Delete => "delete",
    History => "history",
}

impl Icon {
    /// The picture, tinted with `ink`, `size` points wide.
    pub fn image(self, size: f32, ink: egui::Color32) -> Image<'static> {
        Image::new(self.source())
            .fit_to_exact_size(Vec2::splat(size))
            .tint(ink)
    }
}
