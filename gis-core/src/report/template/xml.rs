//! XML of a workbook, edited in passing: what nobody asks to change stays to the letter.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::escape::{escape, unescape};
use quick_xml::events::{BytesStart, Event};

pub(super) type Attributes = Vec<(String, String)>;

/// What is changed; elements go by their local names.
pub(super) trait Edit {
    /// Sees the attributes of an element, and may change them.
    fn element(&mut self, _element: &str, _attributes: &mut Attributes) {}

    /// Another text for an element that holds nothing else.
    fn text(&mut self, _element: &str, _text: &str) -> Option<String> {
        None
    }

    /// Whether an element is left out with all that stands in it.
    fn is_dropped(&self, _element: &str, _attributes: &Attributes) -> bool {
        false
    }

    /// What is written before an element; `prefix` is that of its name.
    fn before(&mut self, _element: &str, _prefix: &str) -> Option<String> {
        None
    }

    /// What is written before the end of an element.
    fn before_end(&mut self, _element: &str, _prefix: &str) -> Option<String> {
        None
    }
}

/// A text with changes.
pub(super) fn edited(xml: &str, edit: &mut dyn Edit) -> quick_xml::Result<String> {
    let mut reader = Reader::from_str(xml);
    // A sheet's part comes here in two pieces.
    reader.config_mut().allow_unmatched_ends = true;
    let mut out = String::with_capacity(xml.len() + 64);
    // Text since the beginning of the innermost element, while nothing else came.
    let mut pending: Option<String> = None;
    loop {
        let event = reader.read_event()?;
        if let Event::Start(start) | Event::Empty(start) = &event {
            out.push_str(&pending.take().unwrap_or_default());
            let is_empty = matches!(event, Event::Empty(_));
            let local = start.local_name();
            if edit.is_dropped(local.as_ref(), &attributes(start)?) {
                if !is_empty {
                    reader.read_to_end(start.name())?;
                }
                continue;
            }
            let whole = start.name();
            let prefix = whole.as_ref().strip_suffix(local.as_ref()).unwrap_or_default();
            out.push_str(&edit.before(local.as_ref(), prefix).unwrap_or_default());
            out.push('<');
            out.push_str(&tag(start, edit)?);
            out.push_str(if is_empty { "/>" } else { ">" });
            pending = (!is_empty).then(String::new);
            continue;
        }
        let piece: Cow<'_, str> = match &event {
            Event::Text(text) => Cow::Borrowed(text),
            Event::GeneralRef(name) => Cow::Owned(format!("&{};", &**name)),
            Event::End(end) => {
                let name = end.local_name();
                if let Some(raw) = pending.take() {
                    let text = unescape(&raw)?;
                    match edit.text(name.as_ref(), &text) {
                        Some(changed) if changed != text => out.push_str(&escape(changed)),
                        _ => out.push_str(&raw),
                    }
                }
                let whole = end.name();
                let prefix = whole.as_ref().strip_suffix(name.as_ref()).unwrap_or_default();
                out.push_str(&edit.before_end(name.as_ref(), prefix).unwrap_or_default());
                out.extend(["</", whole.as_ref(), ">"]);
                continue;
            }
            Event::CData(data) => Cow::Owned(format!("<![CDATA[{}]]>", &**data)),
            Event::Comment(text) => Cow::Owned(format!("<!--{}-->", &**text)),
            Event::Decl(text) => Cow::Owned(format!("<?{}?>", &**text)),
            Event::PI(text) => Cow::Owned(format!("<?{}?>", &**text)),
            Event::DocType(text) => Cow::Owned(format!("<!DOCTYPE {}>", &**text)),
            Event::Eof => return Ok(out),
            Event::Start(_) | Event::Empty(_) => Cow::Borrowed(""),
        };
        match &mut pending {
            Some(text) if matches!(event, Event::Text(_) | Event::GeneralRef(_)) => text.push_str(&piece),
            _ => {
                out.push_str(&pending.take().unwrap_or_default());
                out.push_str(&piece);
            }
        }
    }
}

/// A tag without its brackets.
fn tag<'a>(start: &'a BytesStart<'_>, edit: &mut dyn Edit) -> quick_xml::Result<Cow<'a, str>> {
    let before = attributes(start)?;
    let mut after = before.clone();
    edit.element(start.local_name().as_ref(), &mut after);
    if before == after {
        return Ok(Cow::Borrowed(start));
    }
    Ok(Cow::Owned(format!(
        "{}{}",
        start.name().as_ref(),
        written(&after)
    )))
}

/// Attributes with their values unescaped.
pub(super) fn attributes(start: &BytesStart<'_>) -> quick_xml::Result<Attributes> {
    let mut found = Attributes::new();
    for attribute in start.attributes() {
        let attribute = attribute?;
        let value = unescape(&attribute.value)?.into_owned();
        found.push((attribute.key.as_ref().to_owned(), value));
    }
    Ok(found)
}

/// Attributes as they are written, each behind a space.
pub(super) fn written(attributes: &Attributes) -> String {
    let each = attributes
        .iter()
        .map(|(name, value)| format!(" {name}=\"{}\"", escape(value.as_str())));
    each.collect()
}

pub(super) fn attribute<'a>(attributes: &'a Attributes, name: &str) -> Option<&'a str> {
    let found = attributes.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.as_str())
}

/// Sets an attribute, at the end where it is new.
pub(super) fn set(attributes: &mut Attributes, name: &str, value: String) {
    match attributes.iter_mut().find(|(known, _)| known == name) {
        Some((_, known)) => *known = value,
        None => attributes.push((name.to_owned(), value)),
    }
}

/// Every element with its attributes.
pub(super) fn each(xml: &str, seen: impl FnMut(&str, &Attributes)) -> quick_xml::Result<()> {
    struct Each<F>(F);
    impl<F: FnMut(&str, &Attributes)> Edit for Each<F> {
        fn element(&mut self, element: &str, attributes: &mut Attributes) {
            (self.0)(element, attributes);
        }
    }
    edited(xml, &mut Each(seen)).map(|_| ())
}
