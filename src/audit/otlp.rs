//! A record in the envelope of OTLP over HTTP, for a collector that is to confirm that it keeps it.
//!
//! `ExportLogsServiceRequest` in the JSON encoding of OTLP 1.9: 64-bit integers are strings. The record itself is one string, so that it stays as it was hashed.

use serde_json::json;

use crate::time::Time;

/// `SEVERITY_NUMBER_INFO`
const INFO: u8 = 9;

pub fn logs(record: &str, now: Time) -> String {
    let nanos = u128::from(now.millis()) * 1_000_000;
    json!({ "resourceLogs": [{
        "resource": { "attributes": [{ "key": "service.name", "value": { "stringValue": "portcullis" } }] },
        "scopeLogs": [{
            "scope": { "name": "portcullis", "version": crate::VERSION },
            "logRecords": [{
                "timeUnixNano": nanos.to_string(),
                "observedTimeUnixNano": nanos.to_string(),
                "severityNumber": INFO,
                "severityText": "INFO",
                "eventName": "portcullis.intent",
                "body": { "stringValue": record },
            }],
        }],
    }] })
    .to_string()
}
