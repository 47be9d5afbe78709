//! Filtered views as CSV (RFC 4180).

use super::{ServiceError, Services};
use crate::{
    api::{AipsQuery, EventRecord, EventRecords, EventsQuery},
    domain::Aip,
    server::db::{locations, search},
};
use futures::Stream;
use std::{collections::HashMap, sync::Arc};
use uuid::Uuid;

const HEAD: &str = "name,uuid,status,location,size,format,sha256,sha512,object_key,created_at\r\n";
/// Rows read and written at a time.
const AT_ONCE: usize = 500;

impl Services {
    /// All rows that match, in the order asked for, as lines of CSV some at a time.
    ///
    /// # Errors
    /// When the database fails at the beginning; a later failure breaks the stream off.
    pub async fn export_aips(
        &self,
        query: AipsQuery,
    ) -> Result<impl Stream<Item = Result<String, ServiceError>> + Send + use<>, ServiceError> {
        let names: HashMap<Uuid, String> =
            locations::list(self.db().read()).await?.into_iter().map(|row| (row.location.uuid, row.location.name)).collect();
        let names = Arc::new(names);
        let location_id = self.location_id(&query).await?;
        // Which rows is settled at the beginning: what happens meanwhile neither repeats a line nor skips one.
        let mut left = search::ids(self.db().read(), &query, location_id).await?.into_iter();
        let services = self.clone();
        let head = futures::stream::once(async { Ok(HEAD.to_owned()) });
        let lines = futures::stream::try_unfold((), move |()| {
            let (services, names) = (services.clone(), Arc::clone(&names));
            let ids: Vec<i64> = left.by_ref().take(AT_ONCE).collect();
            async move {
                if ids.is_empty() {
                    return Ok(None);
                }
                let rows = search::by_ids(services.db().read(), &ids).await?;
                Ok(Some((rows.iter().map(|aip| line(aip, &names)).collect::<String>(), ())))
            }
        });
        Ok(futures::StreamExt::chain(head, lines))
    }
}

const EVENT_HEAD: &str = "seq,at,type,person,aip_uuid,name,value\r\n";

impl Services {
    /// All entries of the log that match, newest first, as lines of CSV some at a time.
    ///
    /// # Errors
    /// None at the beginning; a failure of the database breaks the stream off.
    pub async fn export_events(
        &self,
        query: EventsQuery,
    ) -> Result<impl Stream<Item = Result<String, ServiceError>> + Send + use<>, ServiceError> {
        let services = self.clone();
        let head = futures::stream::once(async { Ok(EVENT_HEAD.to_owned()) });
        let first = EventsQuery { limit: Some(AT_ONCE as u64), ..query };
        let lines = futures::stream::try_unfold(Some(first), move |asked| {
            let services = services.clone();
            async move {
                let Some(asked) = asked else { return Ok(None) };
                let EventRecords { items, next_before } = services.events(&asked).await?;
                let next = next_before.map(|before| EventsQuery { before: Some(before), ..asked });
                Ok::<_, ServiceError>(Some((items.iter().map(event_line).collect::<String>(), next)))
            }
        });
        Ok(futures::StreamExt::chain(head, lines))
    }
}

fn event_line(record: &EventRecord) -> String {
    let fields = [
        record.seq.to_string(),
        record.at.to_rfc3339(),
        record.value.kind().to_owned(),
        record.person.clone().unwrap_or_default(),
        record.aip_uuid.map(|uuid| uuid.to_string()).unwrap_or_default(),
        record.name.clone().unwrap_or_default(),
        serde_json::to_string(&record.value).unwrap_or_default(),
    ];
    format!("{}\r\n", fields.map(|field| quoted(&field)).join(","))
}

fn line(aip: &Aip, locations: &HashMap<Uuid, String>) -> String {
    let location = aip.location_uuid.and_then(|uuid| locations.get(&uuid)).map(String::as_str).unwrap_or_default();
    let fields = [
        aip.name.clone(),
        aip.uuid.to_string(),
        aip.status.to_string(),
        location.to_owned(),
        aip.size.map(|size| size.to_string()).unwrap_or_default(),
        aip.format.map(|format| format.extension().to_owned()).unwrap_or_default(),
        aip.sha256.clone().unwrap_or_default(),
        aip.sha512.clone().unwrap_or_default(),
        aip.object_key.to_string(),
        aip.created_at.to_rfc3339(),
    ];
    format!("{}\r\n", fields.map(|field| quoted(&field)).join(","))
}

/// Quotes what needs it. A text that a spreadsheet would take for a formula gets an apostrophe in front.
fn quoted(field: &str) -> String {
    let field = if field.starts_with(['=', '+', '-', '@', '\t']) { format!("'{field}") } else { field.to_owned() };
    if field.contains([',', '"', '\n', '\r']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_where_they_need_it() {
        assert_eq!(quoted("plain"), "plain");
        assert_eq!(quoted("a \"b\", c"), "\"a \"\"b\"\", c\"");
        assert_eq!(quoted("=1+1"), "'=1+1");
    }
}
