//! Addresses compared as people write them: spaces, full-width forms and case do not matter. It knows no places.

/// The address as it is compared.
pub(crate) fn squeezed(address: &str) -> String {
    address
        .chars()
        .map(|c| match c {
            // Full-width forms of ASCII, as typed with a Chinese input method.
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            other => other,
        })
        .filter(|c| !c.is_whitespace() && *c != '\u{feff}')
        .flat_map(char::to_lowercase)
        .collect()
}

/// Whether an address is, or holds, the one that is wanted, which is squeezed. A number is never found in a longer one:
/// 12 is not in 112.
pub(crate) fn is_at(address: &str, wanted: &str) -> bool {
    let address = squeezed(address);
    let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let cuts = |a: Option<char>, b: Option<char>| is_digit(a) && is_digit(b);
    !wanted.is_empty()
        && address.match_indices(wanted).any(|(at, found)| {
            let (before, behind) = (address.get(..at), address.get(at + found.len()..));
            !cuts(before.and_then(|t| t.chars().next_back()), wanted.chars().next())
                && !cuts(wanted.chars().next_back(), behind.and_then(|t| t.chars().next()))
        })
}

#[cfg(test)]
mod tests {
    use super::{is_at, squeezed};

    #[test]
    fn an_address_is_found_however_it_is_spaced_and_never_in_a_longer_number() {
        for (address, wanted, expected) in [
            ("北路 12 号", "北路12号", true),
            ("北路１２号", "北路 12号", true),
            ("北路\u{3000}12号院 3 栋", "北路12号院3栋", true),
            ("Unit 7b", "unit7B", true),
            ("北路112号", "12号", false),
            ("北路12号", "北路1", false),
            ("北路12号, 北路1", "北路1", true),
            ("南路12号", "北路12号", false),
            ("北路12号", "", false),
        ] {
            assert_eq!(
                is_at(address, &squeezed(wanted)),
                expected,
                "{address} / {wanted}"
            );
        }
    }
}
