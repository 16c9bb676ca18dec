//! Opening lots: several rows, one product.

use super::*;

#[test]
fn the_lots_of_a_product_come_together() {
    let text = "nom;code;prix;unités par boîte;lot;péremption;quantité;prix d'achat\n\
                Amoxicilline 500 mg;A1;15000;12;L1;31/03/2027;10;9 000\n\
                Quinine 300 mg;Q1;20000;;;;;\n\
                AMOXICILLINE  500 MG;A1;15000;12;L2;03/2028;2,5;9 500\n\
                Amoxicilline 500 mg;A1;;;L3;;0;\n\
                Coton 100 g;;5000;;;;7;\n";
    let staged = staged(text);
    assert_eq!((staged.rows, staged.products.len(), staged.bad_count), (5, 3, 0), "{:?}", staged.bad);
    let lots: Vec<String> = staged
        .products
        .iter()
        .flat_map(|product| product.lots.iter().map(|lot| (product.name.as_str(), lot)))
        .map(|(name, lot)| {
            let expiry = lot.expiry.map_or_else(|| "-".to_owned(), |day| day.to_string());
            format!("{name} | {} {expiry} ×{} at {:?}", lot.lot_number, lot.quantity, lot.pack_cost)
        })
        .collect();
    insta::assert_snapshot!(lots.join("\n"), @r"
    Amoxicilline 500 mg | L1 2027-03-31 ×120 at Some(9000)
    Amoxicilline 500 mg | L2 2028-03-31 ×30 at Some(9500)
    Coton 100 g |  - ×7 at None
    ");
}

#[test]
fn a_price_row_and_its_lot_rows_are_one_product() {
    let staged = staged("nom;code;prix;lot;qte\nA;1;500;;\nA;1;;L1;3\nA;1;;L2;4\n");
    assert_eq!((staged.products.len(), staged.products[0].lots.len(), staged.bad_count), (1, 2, 0));
}

#[test]
fn a_lot_stated_twice_is_refused() {
    let head = "nom;code;lot;peremption;quantite\nA;1;L1;2027-01-31;3\n";
    let same = refused(&format!("{head}A;1;l1;01/2027;4\n"));
    assert_eq!(same, r#"3 "code" code_duplicate {"code":"1","line":2}"#);
    assert_eq!(staged(&format!("{head}A;1;L1;2027-02-28;4\n")).products[0].lots.len(), 2);
}

#[test]
fn one_code_for_two_names_is_refused() {
    let text = "nom;code;lot;qte\nA;1;L1;1\nB;1;L2;1\n";
    assert_eq!(refused(text), r#"3 "code" code_duplicate {"code":"1","line":2}"#);
    let bridged = "nom;ean;cip;lot;qte\nA;1;;L1;1\nA;;2;L2;1\nA;1;2;L3;1\n";
    assert_eq!(staged(bridged).products.len(), 2);
    assert_eq!(staged(bridged).bad[0].code, "code_duplicate");
}

#[test]
fn rows_without_a_code_are_one_product_by_all_they_say() {
    let staged = staged("nom;dosage;lot;qte\nA;5 mg;L1;1\na;5 MG;L2;1\nA;10 mg;L1;1\n");
    assert_eq!((staged.products.len(), staged.products[0].lots.len()), (2, 2));
    assert_eq!(refused("nom;dosage\nA;5 mg\nA;5 mg\n"), r#"3 "nom" code_duplicate {"code":"A","line":2}"#);
}

#[test]
fn packs_become_base_units_or_the_row_is_refused() {
    let text = "nom;code;unités par boîte;lot;qte\nA;1;10;L1;0,25\n";
    assert_eq!(refused(text), r#"2 "qte" number_invalid {"value":"0,25"}"#);
    let other = "nom;code;unités par boîte;lot;qte\nA;1;10;L1;1\nA;1;20;L2;1\n";
    assert_eq!(refused(other), r#"3 "unités par boîte" number_invalid {"value":"20"}"#);
}
