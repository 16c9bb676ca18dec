//! Who works there, who delivers, who makes: invented, but for « Spharma Guinée », which the field test names.

use officine_protocol::roles::Role;

use super::{DemoSupplier, DemoUser};

/// Makers of the medicines.
pub const MAKERS: [&str; 16] = [
    "Laboratoires Tinkisso",
    "Fouta Génériques",
    "Kakoulima Pharma",
    "Milo Santé",
    "Laboratoires Konkouré",
    "Baobab Thérapeutique",
    "Sahel et Forêt Pharma",
    "Nimba Biologie",
    "Laboratoires du Wontanara",
    "Karité Médical",
    "Bafing Formulations",
    "Simandou Laboratoires",
    "Harmattan Génériques",
    "Laboratoires Badiar",
    "Palétuvier Pharma",
    "Diani Soins",
];

const SUPPLIERS: [(&str, &str); 14] = [
    ("Spharma Guinée", "Almamya, Kaloum, Conakry"),
    ("Comptoir Médical de Kaloum", "Boulbinet, Kaloum, Conakry"),
    ("Grossiste Santé Niger-Mandé", "Quartier Sogbè, Kankan"),
    ("Répartition du Fouta", "Quartier Daka, Labé"),
    ("Dépôt Pharmaceutique du Littoral", "Port, Kamsar"),
    ("Mandiana Distribution Médicale", "Mandiana centre"),
    ("Centrale des Trois Rivières", "Sangoyah, Matoto, Conakry"),
    ("Wonkifong Médical", "Coyah centre"),
    ("Société Kaporo Répartition", "Kaporo, Ratoma, Conakry"),
    ("Forécariah Santé Négoce", "Forécariah centre"),
    ("Comptoir de la Forêt", "Quartier Dorota, Nzérékoré"),
    ("Îles de Loos Import", "Coléah, Matam, Conakry"),
    ("Mont Gangan Distribution", "Quartier Manquepas, Kindia"),
    ("Dabola Médico-Technique", "Dabola centre"),
];

const USERS: [(&str, &str, Role, &str); 5] = [
    ("Aïssatou Bah", "aissatou", Role::Cashier, "1111"),
    ("Mamadou Saliou Diallo", "saliou", Role::Cashier, "2222"),
    ("Fatoumata Camara", "fatoumata", Role::Pharmacist, "3333"),
    ("Ibrahima Sory Condé", "ibrahima", Role::Manager, "4444"),
    ("Hadja Mariama Sylla", "mariama", Role::Owner, "5555"),
];

/// The suppliers, « Spharma Guinée » first.
pub fn suppliers() -> Vec<DemoSupplier> {
    let supplier = |(rank, (name, address)): (usize, &(&str, &str))| DemoSupplier {
        name: (*name).to_owned(),
        phone: format!("+224 622 00 01 {:02}", rank + 1),
        address: (*address).to_owned(),
    };
    SUPPLIERS.iter().enumerate().map(supplier).collect()
}

/// The people, from the least powerful.
pub fn users() -> Vec<DemoUser> {
    let user = |(name, login, role, pin): (&str, &str, Role, &str)| DemoUser {
        name: name.to_owned(),
        login: login.to_owned(),
        role,
        pin: pin.to_owned(),
    };
    USERS.into_iter().map(user).collect()
}
