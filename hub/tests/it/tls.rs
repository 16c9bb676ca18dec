//! HTTPS by a certificate of one's own authority, and its renewal while the hub serves.

use std::{path::PathBuf, sync::Arc};

use officine_hub::{Place, ServeError, Settings, harness::Harness};
use officine_protocol::Uid;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use ureq::{
    Agent,
    tls::{Certificate, RootCerts, TlsConfig},
};

use crate::shop::{Shop, line, push_body, take};

struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// A certificate for this machine, with its key, as files.
    fn sign(&self, folder: &TempDir) -> (PathBuf, PathBuf) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let (cert_file, key_file) = (folder.path().join("hub.pem"), folder.path().join("hub.key"));
        std::fs::write(&cert_file, certificate.pem()).unwrap();
        std::fs::write(&key_file, key.serialize_pem()).unwrap();
        (cert_file, key_file)
    }

    fn trusted(&self) -> Agent {
        let root = Certificate::from_pem(self.0.pem().as_bytes()).unwrap();
        let tls = TlsConfig::builder().root_certs(RootCerts::Specific(Arc::new(vec![root]))).build();
        Agent::config_builder().tls_config(tls).http_status_as_error(false).build().new_agent()
    }
}

fn post(agent: &Agent, url: &str, token: Option<&str>, body: &Json) -> Json {
    let mut request = agent.post(url).header("content-type", "application/json");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let mut answer = request.send(body.to_string()).unwrap();
    let text = answer.body_mut().read_to_string().unwrap();
    assert_eq!(answer.status(), 200, "{text}");
    serde_json::from_str(&text).unwrap()
}

#[test]
fn a_till_that_trusts_the_authority_enrols_and_pushes_and_another_does_not() {
    let (folder, authority) = (TempDir::new().unwrap(), Authority::new());
    let (cert, key) = authority.sign(&folder);
    let settings = Settings {
        listen: "0.0.0.0:0".parse().unwrap(),
        tls_cert: Some(cert),
        tls_key: Some(key),
        ..Settings::default()
    };
    let hub = Harness::start_with(Place::Folder(folder.path().to_owned()), settings).unwrap();
    let url = format!("https://localhost:{}", hub.address().port());
    let pharmacy = hub.create_pharmacy("Pharmacie").unwrap();
    let code = hub.enrolment_code(pharmacy).unwrap();
    let agent = authority.trusted();
    let body = json!({ "protocol": 1, "code": code, "name": "Caisse 1", "incarnation": Uid::from_u128(5) });
    let till = post(&agent, &format!("{url}/v1/enrol"), None, &body);
    let mut shop = Shop::new(5, 1);
    let (product, lots, mut operations) = shop.stocked(&[5]);
    operations.push(shop.sale(&[line(product, vec![take(lots[0], 2, "assumed")])]));
    let answer = post(&agent, &format!("{url}/v1/push"), till["token"].as_str(), &push_body(&operations, 0));
    assert_eq!(answer["verdicts"].as_array().unwrap().len(), operations.len());
    assert!(Authority::new().trusted().get(format!("{url}/healthz")).call().is_err());
    assert!(agent.get(url.replace("https", "http")).call().is_err(), "plain HTTP is not spoken there");
}

#[test]
fn a_certificate_that_cannot_be_used_is_named() {
    let (folder, authority) = (TempDir::new().unwrap(), Authority::new());
    let (cert, key) = authority.sign(&folder);
    let (empty, other) = (folder.path().join("empty.pem"), folder.path().join("other.key"));
    std::fs::write(&empty, "").unwrap();
    std::fs::write(&other, KeyPair::generate().unwrap().serialize_pem()).unwrap();
    let missing = folder.path().join("missing.pem");
    for (cert, key, named) in
        [(&missing, &key, &missing), (&empty, &key, &empty), (&cert, &empty, &empty), (&cert, &other, &cert)]
    {
        let settings = Settings {
            listen: "127.0.0.1:0".parse().unwrap(),
            tls_cert: Some(cert.clone()),
            tls_key: Some(key.clone()),
            ..Settings::default()
        };
        let refused = Harness::start_with(Place::Folder(folder.path().to_owned()), settings).err().unwrap();
        assert!(matches!(refused, ServeError::Tls(_)), "{refused}");
        assert!(refused.to_string().contains(&named.display().to_string()), "{refused}");
    }
}
