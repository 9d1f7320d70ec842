//! One district of the sample city as a utility of twenty years ago would hand it over: a Shapefile in GBK. It reads
//! nothing back.

use std::collections::HashSet;
use std::path::Path;

use crate::crs::Crs;
use crate::error::Result;
use crate::ids::FeatureId;
use crate::io::{ExportOptions, ExportReport, export};
use crate::model::{Feature, Geometry};
use crate::progress::NoProgress;
use crate::project::{NewProject, Project};
use crate::schema::Schema;

/// The metered area that [`write_district`] writes.
const DISTRICT: &str = "河东计量区";

/// Whether a feature belongs to the district.
pub fn district_of(schema: &Schema, feature: &Feature) -> bool {
    let field = schema.class(feature.class).field_index("dma");
    field.is_some_and(|field| feature.values[field].as_text() == Some(DISTRICT))
}

/// Writes the features of the district in the exchange layout into `folder/河东计量区`, all text in GBK; pipes that lead
/// out of the district are left out.
///
/// # Errors
/// The folder cannot be written.
pub fn write_district(
    folder: &Path,
    schema: &Schema,
    crs: &Crs,
    features: &[Feature],
) -> Result<ExportReport> {
    let mine = || features.iter().filter(|f| district_of(schema, f));
    let nodes: HashSet<FeatureId> = mine()
        .filter(|f| matches!(f.geometry, Some(Geometry::Point(_))))
        .map(|f| f.id)
        .collect();
    let is_inside = |end: Option<FeatureId>| end.is_none_or(|id| nodes.contains(&id));
    let mut project = Project::temporary(&NewProject {
        name: DISTRICT,
        crs,
        schema,
        created_unix_ms: 0,
    })?;
    let mut writer = project.begin_bulk()?;
    for feature in mine().filter(|f| is_inside(f.links.from) && is_inside(f.links.to)) {
        writer.insert(feature)?;
    }
    writer.finish()?;
    let options = ExportOptions {
        encoding: Some("GBK".to_owned()),
        ..ExportOptions::default()
    };
    export(
        &project,
        &folder.join(DISTRICT).with_extension("shp"),
        &options,
        &NoProgress,
    )
}
