//! Which column fills which field, told by its header alone: French and English, whatever the case, the accents,
//! the punctuation and the small words.

use officine_protocol::fold::fold;

use super::currency;
use super::records::Record;
use super::text::clean;

/// What a column may fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    Name,
    Dci,
    Form,
    Strength,
    Maker,
    Code,
    Price,
    UnitsPerPack,
    Supplier,
    Lot,
    Expiry,
    Quantity,
    Cost,
}

/// Folded headers without spaces and small words, the surest first: where two columns could fill a field, the
/// earlier synonym does, then the one in francs. Codes alone take every column.
const SYNONYMS: [(Field, &str, &str); 13] = [
    (
        Field::Name,
        "name",
        "designation denomination nom libelle nomcommercial nomproduit designationproduit designationarticle \
         libelleproduit libellearticle denominationmedicament nommedicament produit article medicament name \
         productname itemname drugname product item description",
    ),
    (
        Field::Dci,
        "dci",
        "dci inn substance substances substanceactive substancesactives principeactif principesactifs molecule \
         denominationcommuneinternationale genericname activeingredient activesubstance",
    ),
    (Field::Form, "form", "forme formepharmaceutique formegalenique galenique form dosageform pharmaceuticalform"),
    (Field::Strength, "strength", "dosage strength teneur concentration dose"),
    (
        Field::Maker,
        "maker",
        "titulaire titulaires laboratoire laboratoires labo fabricant holder maker manufacturer laboratory marque brand",
    ),
    (
        Field::Code,
        "code",
        "cip13 codecip13 cip codecip cip7 codecip7 ean13 codeean13 ean codeean gtin gtin13 gtin14 codegtin codebarre \
         codebarres codesbarre codesbarres barcode barcodes code codes codeproduit codearticle productcode gencod \
         gencode upc",
    ),
    (
        Field::Price,
        "price",
        "prixvente prixventepublic prixventettc prixpublic prixpublicttc ppv ppttc pvttc pvp pv prixttc prix \
         prixunitaire pu tarif retailprice sellingprice saleprice publicprice price unitprice",
    ),
    (
        Field::UnitsPerPack,
        "unitsPerPack",
        "unitesparboite unitesboite unitesparconditionnement uniteparboite nbunites nbunitesparboite nombreunites \
         nombreunitesparboite quantiteparboite qteparboite unitsperpack unitperpack unitsperbox packsize \
         conditionnement colisage",
    ),
    (Field::Supplier, "supplier", "fournisseur nomfournisseur supplier suppliername grossiste wholesaler vendor"),
    (Field::Lot, "lot", "lot lots batch batchnumber lotnumber nlot nolot batchno lotno"),
    (
        Field::Expiry,
        "expiry",
        "peremption dateperemption expiration dateexpiration dateexp expiry expirydate expirationdate exp expdate \
         dlu dluo ddp datelimite datelimiteutilisation bestbefore useby",
    ),
    (
        Field::Quantity,
        "quantity",
        "quantite qte qty quantity stock quantitestock qtestock stockinitial stockactuel enstock stockquantity \
         onhand nbboites",
    ),
    (
        Field::Cost,
        "cost",
        "prixachat prixachatht paht pa prixrevient prixcession coutachat cout cost costprice purchaseprice \
         buyingprice unitcost packcost pght pfht",
    ),
];

/// Headers that as often hold a text: taken for a number only where the first rows hold numbers.
const PERHAPS_TEXT: [&str; 3] = ["conditionnement", "packsize", "colisage"];

const SMALL_WORDS: [&str; 19] = [
    "de", "du", "des", "d", "la", "le", "les", "l", "n", "no", "num", "numero", "en", "of", "the", "f", "franc",
    "francs", "frs",
];

/// The header, read.
#[derive(Debug, Clone)]
pub struct Columns {
    list: Vec<Column>,
}

#[derive(Debug, Clone)]
struct Column {
    header: String,
    key: String,
    currency: Option<&'static str>,
    field: Option<Field>,
}

impl Field {
    /// As in `Staged::columns`.
    pub fn name(self) -> &'static str {
        SYNONYMS.iter().find(|(field, ..)| *field == self).map_or("", |(_, name, _)| name)
    }
}

impl Columns {
    /// Matches each header cell.
    pub fn of_header(header: &Record) -> Self {
        let mut columns = Self { list: (0..header.len()).map(|index| Column::read(header.field(index))).collect() };
        for (field, _, synonyms) in &SYNONYMS {
            let wanted: Vec<&str> = synonyms.split_whitespace().collect();
            columns.assign(*field, &wanted);
        }
        columns
    }

    fn assign(&mut self, field: Field, wanted: &[&str]) {
        let rank = |column: &Column| wanted.iter().position(|synonym| *synonym == column.key);
        let mut ranked: Vec<(usize, &mut Column)> =
            self.list.iter_mut().filter_map(|column| rank(column).map(|rank| (rank, column))).collect();
        if field != Field::Code {
            ranked.sort_by_key(|(rank, column)| (*rank, column.currency.is_some_and(|iso| iso != currency::FRANCS)));
            ranked.truncate(1);
        }
        ranked.into_iter().for_each(|(_, column)| column.field = Some(field));
    }

    /// Lets go of the columns whose header promised a number and whose rows hold texts.
    pub fn settle(&mut self, rows: &[Record]) {
        for (index, column) in self.list.iter_mut().enumerate() {
            let is_text = |row: &Record| row.field(index).contains(char::is_alphabetic);
            if PERHAPS_TEXT.contains(&column.key.as_str()) && rows.iter().any(is_text) {
                column.field = None;
            }
        }
    }

    /// How many columns there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// How many of them fill a field.
    pub fn matched(&self) -> usize {
        self.list.iter().filter(|column| column.field.is_some()).count()
    }

    /// The columns that fill a field, from the left.
    pub fn filling(&self, field: Field) -> impl Iterator<Item = usize> {
        self.list.iter().enumerate().filter(move |(_, column)| column.field == Some(field)).map(|(index, _)| index)
    }

    /// What a column fills.
    pub fn field(&self, index: usize) -> Option<Field> {
        self.list.get(index).and_then(|column| column.field)
    }

    /// A column's header, as in the file.
    pub fn header(&self, index: usize) -> &str {
        self.list.get(index).map_or("", |column| &column.header)
    }

    /// The currency that a column's header names.
    pub fn currency(&self, index: usize) -> Option<&'static str> {
        self.list.get(index).and_then(|column| column.currency)
    }

    /// Each header and the name of the field it fills.
    pub fn report(&self) -> Vec<(String, &'static str)> {
        self.list.iter().map(|column| (column.header.clone(), column.field.map_or("", Field::name))).collect()
    }
}

impl Column {
    fn read(cell: &str) -> Self {
        let header = clean(cell);
        let folded = fold(&currency::spell_signs(&header));
        let words = || folded.split(' ').filter(|word| !word.is_empty());
        let currency = words().find_map(currency::of_word);
        let key = words().filter(|word| currency::of_word(word).is_none() && !SMALL_WORDS.contains(word)).collect();
        Self { header, key, currency, field: None }
    }
}
