//! The page about the wire says what is so: its examples are sent as they stand.

use officine_hub::http::document;
use officine_protocol::entities::ENTITIES;
use serde_json::{Value as Json, json};

use crate::http::Hub;

const PAGE: &str = include_str!("../../../docs/wire.md");

/// The example below a heading that names a path.
fn example(path: &str) -> String {
    let (_, after) = PAGE.split_once(path).unwrap();
    let (_, begun) = after.split_once("```json").unwrap();
    begun.split_once("```").unwrap().0.to_owned()
}

#[test]
fn its_till_enrols_hands_over_and_reads() {
    let hub = Hub::start();
    let pharmacy = hub.hub.create_pharmacy("Pharmacie").unwrap();
    let code = hub.hub.enrolment_code(pharmacy).unwrap();
    let send = |path: &str, token: Option<&str>| {
        let body = example(path).replace("CODE", &code);
        let (status, answer) = hub.post(path, token, &serde_json::from_str(&body).unwrap());
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    };
    let enrolled = send("/v1/enrol", None);
    let token = enrolled["token"].as_str();
    assert_eq!(enrolled["series"], 1, "the ticket of the page is of this series");
    let pushed = send("/v1/push", token);
    for verdict in pushed["verdicts"].as_array().unwrap() {
        assert_eq!(verdict["outcome"]["verdict"], "accepted", "{verdict}");
    }
    let page = send("/v1/pull", token);
    let named = send("/v1/rows", token);
    let entities: Vec<_> =
        named["rows"].as_array().unwrap().iter().map(|row| row["entity"].as_str().unwrap()).collect();
    assert_eq!((entities.last(), &named["unknown"]), (Some(&"product"), &json!([])));
    assert_eq!(send("/v1/offer", token)["verdicts"], json!([]));
    assert_eq!(send("/v1/check", token)["findings"], json!([]), "sound books");
    let history = send("/v1/history", token);
    assert_eq!((&history["epoch"], &history["common"]), (&json!(2), &json!({ "rev": 0 })));
    assert_eq!(send("/v1/log", token)["lines"], json!([]), "nothing was overwritten");
    let sale = page["rows"].as_array().unwrap().iter().find(|row| row["entity"] == "sale").unwrap().clone();
    assert_eq!((&sale["fields"]["state"], &sale["fields"]["flagged"]), (&json!("confirmed"), &json!(false)));
}

#[test]
fn the_document_says_what_every_entity_holds() {
    let document = serde_json::to_value(document()).unwrap();
    let schemas = &document["components"]["schemas"];
    for entity in ENTITIES {
        let fields = &schemas[format!("fields.{}", entity.name)]["properties"];
        let travelling = entity.columns.iter().filter(|column| column.travels());
        travelling
            .for_each(|column| assert!(fields.get(column.wire_name()).is_some(), "{} {}", entity.name, column.name));
        for part in entity.parts {
            let rows = &schemas[format!("part.{}.{}", entity.name, part.name)]["properties"];
            assert!(part.columns.iter().all(|column| rows.get(column.wire_name()).is_some()), "{}", part.table);
        }
    }
    let number = &schemas["fields.productBatch"]["properties"]["lotNumber"];
    assert_eq!((&number["maxLength"], &number["type"]), (&json!(64), &json!("string")));
    assert_eq!(schemas["fields.sale"]["properties"]["state"]["readOnly"], Json::Bool(true));
}
