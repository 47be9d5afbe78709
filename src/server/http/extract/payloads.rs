//! The bodies that the API takes (`storage-api.md` sections 4.2 and 4.4).

use super::{Fields, Payload};
use crate::{
    api::{
        AcknowledgeChanges, AutoDeletion, CancelDeletion, CreateAip, CreateLocation, CreateUpload, MoveAip, RequestDeletion,
        ReviewDeletion, SubmitAip, UpdateLocation, events::TicketRequest,
    },
    domain::{AipStatus, LocationConfig},
};
use serde_json::Value;

const STRING: &str = "a string";
const BOOLEAN: &str = "true or false";

impl Payload for CreateAip {
    fn read(fields: &mut Fields) -> Option<Self> {
        let uuid = fields.required_uuid("uuid");
        let name = fields.required("name", STRING);
        let object_key = fields.required_uuid("object_key");
        let status = fields.word("status").unwrap_or(AipStatus::Unspecified);
        let location_uuid = fields.uuid("location_uuid");
        Some(Self { uuid: uuid?, name: name?, object_key: object_key?, status, location_uuid })
    }
}

impl Payload for CreateLocation {
    fn read(fields: &mut Fields) -> Option<Self> {
        let name = fields.required("name", STRING);
        let description = fields.optional("description", STRING).unwrap_or_default();
        let source = fields.required_word("source");
        let purpose = fields.required_word("purpose");
        let config = read_config(fields);
        Some(Self { name: name?, description, source: source?, purpose: purpose?, config })
    }
}

/// The union of section 3. What it holds may be secret, so no message repeats a value.
fn read_config(fields: &mut Fields) -> Option<LocationConfig> {
    let object = fields.object("config")?;
    for name in ["type", "value"] {
        if object.get(name).is_none_or(Value::is_null) {
            fields.missing(&format!("config.{name}"));
            return None;
        }
    }
    let kind = object.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    let read = serde_json::from_value(Value::Object(object)).ok();
    if read.is_none() {
        fields.refuse(if CONFIG_TYPES.contains(&kind.as_str()) {
            format!(
                "config.value is not the configuration of a location of type {kind}: a field is missing or of another type than it must be."
            )
        } else {
            format!("config.type must be one of {}.", CONFIG_TYPES.join(", "))
        });
    }
    read
}

const CONFIG_TYPES: [&str; 5] = ["filesystem", "url", "s3", "sftp", "amss"];

impl Payload for AcknowledgeChanges {
    fn read(fields: &mut Fields) -> Option<Self> {
        let up_to = fields.required::<u64>("up_to", "an integer from 0 on")?;
        if i64::try_from(up_to).is_err() {
            fields.refuse("up_to must be a place in the log, which is never so large.".into());
            return None;
        }
        Some(Self { up_to })
    }
}

impl Payload for MoveAip {
    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { location_uuid: fields.required_uuid("location_uuid")? })
    }
}

impl Payload for RequestDeletion {
    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { reason: fields.required("reason", STRING)? })
    }
}

impl Payload for ReviewDeletion {
    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { approved: fields.required("approved", BOOLEAN)? })
    }
}

impl Payload for CancelDeletion {
    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { check: fields.optional("check", BOOLEAN) })
    }
}

impl Payload for AutoDeletion {
    fn read(fields: &mut Fields) -> Option<Self> {
        let reason = fields.required("reason", STRING);
        let skip_report = fields.optional("skip_report", BOOLEAN);
        Some(Self { reason: reason?, skip_report })
    }
}

impl Payload for SubmitAip {
    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { name: fields.required("name", STRING)? })
    }
}

impl Payload for UpdateLocation {
    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { name: fields.optional("name", STRING), description: fields.optional("description", STRING) })
    }
}

impl Payload for CreateUpload {
    fn read(fields: &mut Fields) -> Option<Self> {
        let name = fields.required("name", STRING);
        let size = fields.required("size", "a number of bytes");
        let location_uuid = fields.uuid("location_uuid");
        Some(Self { name: name?, size: size?, location_uuid })
    }
}

impl Payload for TicketRequest {
    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { carry: fields.optional("carry", STRING) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::http::problem::Failure;
    use proptest::prelude::*;
    use serde_json::json;

    fn read<T: Payload>(text: &str) -> Result<T, Failure> {
        Fields::parse(text.as_bytes())?.into_payload()
    }

    fn refused<T: Payload + std::fmt::Debug>(text: &str) -> String {
        format!("{:?}", read::<T>(text).expect_err("it must be refused"))
    }

    #[test]
    fn what_follows_the_first_value_and_unknown_fields_are_ignored() {
        let body = r#"{"name":"a","size":3,"colour":"red"} {"name":"b"} trailing"#;
        assert_eq!(read::<CreateUpload>(body).expect("valid"), CreateUpload { name: "a".into(), size: 3, location_uuid: None });
    }

    #[test]
    fn every_missing_field_is_named() {
        let text = refused::<CreateAip>("{}");
        assert!(text.contains("missing_field"));
        for name in ["uuid", "name", "object_key"] {
            assert!(text.contains(&format!("\\\"{name}\\\" is missing from the body")), "{name} in {text}");
        }
    }

    #[test]
    fn what_cannot_be_decoded_comes_alone() {
        for body in [
            "[]",
            "1",
            "{",
            "nonsense",
            r#"{"uuid":"x"}"#,
            r#"{"uuid":5}"#,
            r#"{"name":5}"#,
            r#"{"uuid":"9a7c2f6e-1c2d-4b3a-8f10-7d9f2a6b5e01","name":"a","object_key":"b"}"#,
        ] {
            assert!(refused::<CreateAip>(body).contains("decode_payload"), "{body}");
        }
        assert!(refused::<CreateAip>("").contains("missing_payload"));
        assert!(refused::<CreateAip>("  \n").contains("missing_payload"));
    }

    #[test]
    fn null_is_absent() {
        let body = json!({ "name": "a", "size": 1, "location_uuid": null });
        assert!(read::<CreateUpload>(&body.to_string()).expect("valid").location_uuid.is_none());
        assert!(refused::<CreateUpload>(r#"{"name":null,"size":1}"#).contains("missing_field"));
    }

    #[test]
    fn unknown_words_are_told() {
        let text = refused::<CreateLocation>(r#"{"name":"a","source":"tape","purpose":"aip_store"}"#);
        assert!(text.contains("invalid_enum_value") && text.contains("tape"), "{text}");
    }

    #[test]
    fn every_configuration_type_is_known() {
        for (kind, value) in [
            ("filesystem", json!({ "path": "second-store" })),
            ("url", json!({ "url": "file:///srv" })),
            ("s3", json!({ "bucket": "b", "region": "r" })),
            ("sftp", json!({ "address": "a", "username": "u", "password": "p", "directory": "d" })),
            ("amss", json!({ "api_key": "k", "url": "u", "username": "n" })),
        ] {
            let body = json!({ "name": "a", "source": "minio", "purpose": "aip_store", "config": { "type": kind, "value": value } });
            let location: CreateLocation = read(&body.to_string()).expect(kind);
            assert_eq!(location.config.map(|config| config.kind()), Some(kind));
        }
    }

    #[test]
    fn a_broken_configuration_is_told_without_its_secrets() {
        for config in [
            json!({ "type": "s3", "value": { "bucket": "b", "secret": "hush-hush" } }),
            json!({ "type": "s3", "value": { "bucket": "b", "region": "r", "path_style": "hush-hush" } }),
            json!({ "type": "hush", "value": { "secret": "hush-hush" } }),
            json!({ "type": "s3", "value": "hush-hush" }),
        ] {
            let text =
                refused::<CreateLocation>(&json!({ "name": "a", "source": "minio", "purpose": "aip_store", "config": config }).to_string());
            assert!(text.contains("decode_payload") && !text.contains("hush-hush"), "{text}");
        }
        let without_type = json!({ "name": "a", "source": "minio", "purpose": "aip_store", "config": {} });
        assert!(refused::<CreateLocation>(&without_type.to_string()).contains("config.type"));
    }

    proptest! {
        #[test]
        fn no_body_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Fields::parse(&bytes).and_then(Fields::into_payload::<CreateLocation>);
        }
    }
}
