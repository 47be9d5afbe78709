//! What came of a task, as whoever reports it wrote it in JSON, for people.

use serde_json::Value;
use std::fmt::Write;

/// Every value on a line of its own, after the names that lead to it: `files.0.size: 12`. A single value stands alone.
pub(super) fn readable(value: &Value) -> String {
    let mut text = String::new();
    write(&mut text, &mut Vec::new(), value);
    text.truncate(text.trim_end().len());
    text
}

fn write(text: &mut String, path: &mut Vec<String>, value: &Value) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (name, value) in fields {
                path.push(name.clone());
                write(text, path, value);
                path.pop();
            }
        }
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            for (at, item) in items.iter().enumerate() {
                path.push((at + 1).to_string());
                write(text, path, item);
                path.pop();
            }
        }
        _ => {
            let lead = if path.is_empty() { String::new() } else { format!("{}: ", path.join(".")) };
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{lead}{}", plain(value));
        }
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Array(items) if !items.is_empty() => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Array(_) | Value::Object(_) => "none".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::readable;
    use serde_json::json;

    #[test]
    fn a_single_value_stands_alone() {
        for (value, text) in [
            (json!("All is well"), "All is well"),
            (json!(12.5), "12.5"),
            (json!(true), "yes"),
            (json!(["a", 1]), "a, 1"),
            (json!({}), "none"),
        ] {
            assert_eq!(readable(&value), text);
        }
    }

    #[test]
    fn what_is_inside_is_named_by_the_way_to_it() {
        let value = json!({"checked": 3, "damaged": [], "files": [{"path": "a.tif", "ok": false}, {"path": "b.tif", "ok": true}]});
        assert_eq!(
            readable(&value),
            "checked: 3\ndamaged: none\nfiles.1.ok: no\nfiles.1.path: a.tif\nfiles.2.ok: yes\nfiles.2.path: b.tif"
        );
    }
}
