//! A pharmacy with an authority of its own: its hub speaks HTTPS, and its tills trust that authority and no other.

use std::{fs, path::Path};

use officine_protocol::Uid;
use officine_tests::{hub::Hub, till};
use officine_till::{sync::shared::Trigger, views::EnrolArgs};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn hub_of(folder: &Path, authority: &CertifiedIssuer<'static, KeyPair>) -> Hub {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, authority).unwrap();
    let (cert_file, key_file) = (folder.join("hub.pem"), folder.join("hub.key"));
    fs::write(&cert_file, certificate.pem()).unwrap();
    fs::write(&key_file, key.serialize_pem()).unwrap();
    Hub::start_with_tls(&folder.join("hub"), &cert_file, &key_file)
}

#[test]
fn a_till_enrols_and_syncs_where_it_trusts_the_hubs_authority_and_nowhere_else() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), authority());
    let hub = hub_of(folder.path(), &authority);
    let address = format!("https://localhost:{}", hub.address().rsplit(':').next().unwrap());
    let pharmacy = hub.pharmacy("Pharmacie");
    let enrol = |name: &str, trusted: Option<String>| {
        let data = folder.path().join(name);
        fs::create_dir_all(&data).unwrap();
        if let Some(pem) = trusted {
            fs::write(data.join("hub-ca.pem"), pem).unwrap();
        }
        let till = till::open(&data);
        let args = EnrolArgs { hub: address.clone(), code: hub.code(&pharmacy), till: name.to_owned() };
        till.enrol(&args).map(|_| till)
    };
    for (name, trusted) in
        [("nothing", None), ("another", Some(self::authority().pem())), ("nonsense", Some("x".into()))]
    {
        assert_eq!(enrol(name, trusted).err().unwrap().code(), "hub_unreachable", "{name}");
    }
    let till = enrol("caisse", Some(authority.pem())).unwrap();
    assert_eq!(till.sync_now(Trigger::Background).unwrap().problem.map(|problem| problem.code), None);
    assert_ne!(till.device().unwrap().uid, Uid::nil());
}
