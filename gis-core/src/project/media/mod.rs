//! Photographs, documents, video and sound attached to features, kept in the project file. It shows nothing and opens
//! nothing.

pub(super) mod tables;
