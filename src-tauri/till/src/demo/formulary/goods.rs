//! Goods without lots: dressings, instruments, hygiene.

use super::Form::*;
use super::{Medicine, m};

/// See [`Medicine`].
pub const TABLE: &[Medicine] = &[
    m("Seringue à usage unique", "2 ml", Item, (1, 100), 60_000, 40),
    m("Seringue à usage unique", "5 ml", Item, (1, 100), 70_000, 56),
    m("Seringue à usage unique", "10 ml", Item, (1, 100), 90_000, 48),
    m("Seringue à insuline", "1 ml", Item, (1, 100), 110_000, 22),
    m("Aiguille pour stylo", "4 mm", Item, (1, 100), 160_000, 6),
    m("Perfuseur", "adulte", Item, (1, 1), 5_000, 50),
    m("Cathéter court", "20 G", Item, (1, 1), 5_000, 42),
    m("Cathéter court", "22 G", Item, (1, 1), 5_000, 40),
    m("Épicrânienne", "23 G", Item, (1, 1), 2_500, 24),
    m("Gants d’examen", "taille M", Item, (1, 100), 75_000, 36),
    m("Gants stériles", "taille 7,5", Item, (1, 1), 5_000, 30),
    m("Masque chirurgical", "trois plis", Item, (1, 50), 35_000, 44),
    m("Compresse stérile", "10 × 10 cm", Item, (1, 10), 8_000, 52),
    m("Bande de gaze", "10 cm × 5 m", Item, (1, 1), 2_500, 50),
    m("Bande élastique", "10 cm", Item, (1, 1), 8_000, 28),
    m("Sparadrap", "5 cm × 5 m", Item, (1, 1), 9_000, 46),
    m("Pansement adhésif", "assortis", Item, (1, 20), 8_000, 38),
    m("Coton hydrophile", "100 g", Item, (1, 1), 7_500, 58),
    m("Coton hydrophile", "250 g", Item, (1, 1), 15_000, 30),
    m("Thermomètre électronique", "sans mercure", Item, (1, 1), 26_000, 34),
    m("Tensiomètre de bras", "automatique", Item, (1, 1), 420_000, 6),
    m("Lecteur de glycémie", "avec étui", Item, (1, 1), 260_000, 8),
    m("Bandelettes de glycémie", "50 bandelettes", Item, (1, 1), 150_000, 18),
    m("Test de grossesse", "bandelette", Item, (1, 1), 3_000, 72),
    m("Test rapide du paludisme", "cassette", Item, (1, 25), 90_000, 26),
    m("Préservatif masculin", "latex", Item, (1, 3), 3_000, 64),
    m("Moustiquaire imprégnée", "deux places", Item, (1, 1), 65_000, 16),
    m("Couches bébé", "taille 3", Item, (1, 30), 65_000, 32),
    m("Serviettes hygiéniques", "normales", Item, (1, 10), 12_000, 44),
    m("Biberon", "250 ml", Item, (1, 1), 22_000, 18),
    m("Savon antiseptique", "100 g", Item, (1, 1), 7_500, 40),
    m("Gel hydroalcoolique", "250 ml", Item, (1, 1), 16_000, 26),
];
