//! The sample city of any size as a project file, for measuring.

use std::path::Path;

use gis_core::project::{NewProject, Project};
use gis_core::sample::{self, SampleRequest};
use gis_core::schema::Schema;
use gis_core::{IdSource, NoProgress, io};

pub(crate) fn write(path: &Path, pipes: u32) {
    let schema = Schema::builtin().unwrap();
    let crs = io::crs::parse(&format!("EPSG:{}", sample::EPSG)).unwrap();
    let new = NewProject {
        name: "bench",
        crs: &crs,
        schema: &schema,
        created_unix_ms: 0,
    };
    let mut project = Project::create(path, &new).unwrap();
    let mut writer = project.begin_bulk().unwrap();
    let request = SampleRequest { seed: 1, pipes };
    let mut ids = IdSource::new(1, 1);
    sample::generate(&request, &schema, &mut ids, &NoProgress, &mut |feature| {
        writer.insert(&feature)
    })
    .unwrap();
    writer.finish().unwrap();
    project.close().unwrap();
}
