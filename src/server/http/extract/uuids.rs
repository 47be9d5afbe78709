//! UUIDs in every form that Enduro's server reads (`storage-api.md` section 1, "Path UUIDs").

use uuid::{Uuid, Variant};

/// Reads the canonical form, the one without dashes, the one in braces and the URN; letters in either case. `None` otherwise.
#[must_use]
pub fn parse(text: &str) -> Option<Uuid> {
    let bare = match text.len() {
        45 if text.get(..9)?.eq_ignore_ascii_case("urn:uuid:") => text.get(9..)?,
        38 => text.strip_prefix('{')?.strip_suffix('}')?,
        32 | 36 => text,
        _ => return None,
    };
    Uuid::try_parse(bare).ok()
}

/// Like [`parse`], and only UUIDs of the RFC 4122 variant, as paths need them.
#[must_use]
pub fn parse_rfc4122(text: &str) -> Option<Uuid> {
    parse(text).filter(|uuid| uuid.get_variant() == Variant::RFC4122)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CANONICAL: &str = "d1845cb6-a5ea-474a-9ab8-26f9bcd919f5";

    #[test]
    fn every_form_is_the_same_uuid() {
        let expected = Uuid::try_parse(CANONICAL).ok();
        assert!(expected.is_some());
        for text in [
            CANONICAL.to_owned(),
            CANONICAL.to_uppercase(),
            CANONICAL.replace('-', ""),
            format!("{{{CANONICAL}}}"),
            format!("urn:uuid:{CANONICAL}"),
            format!("URN:UUID:{CANONICAL}"),
        ] {
            assert_eq!(parse_rfc4122(&text), expected, "{text}");
        }
    }

    #[test]
    fn other_variants_and_other_texts_are_refused() {
        for text in [
            "",
            "d1845cb6",
            "d1845cb6-a5ea-474a-1ab8-26f9bcd919f5",
            "00000000-0000-0000-0000-000000000000",
            "{d1845cb6a5ea474a9ab826f9bcd919f5}",
            "d1845cb6a-5ea-474a-9ab8-26f9bcd919f5",
            "(d1845cb6-a5ea-474a-9ab8-26f9bcd919f5)",
        ] {
            assert_eq!(parse_rfc4122(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,50}") {
            let _ = parse(&text);
        }

        #[test]
        fn canonical_text_round_trips(bits: u128) {
            let uuid = Uuid::from_u128(bits);
            prop_assert_eq!(parse(&uuid.to_string()), Some(uuid));
        }
    }
}
