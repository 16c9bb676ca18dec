//! What the pharmacy sells: essential medicines under their international names, one table per therapeutic
//! class, with packs and prices as plausible in Conakry.

mod allergy_breathing;
mod children;
mod diabetes_hormones;
mod digestion;
mod eye_ear_skin;
mod goods;
mod heart;
mod infections;
mod infusions_injections;
mod malaria_parasites;
mod nerves_mind;
mod pain_fever;
mod vitamins;
mod women;

/// A line of the formulary.
#[derive(Debug, Clone, Copy)]
pub struct Medicine {
    /// International name; for goods, what they are.
    pub dci: &'static str,
    /// Strength, or size.
    pub strength: &'static str,
    /// Form.
    pub form: Form,
    /// Strips in the box, 1 where there is none.
    pub strips: i64,
    /// Base units in the strip.
    pub per_strip: i64,
    /// Francs for the box, a multiple of 500.
    pub price: i64,
    /// How often it sells, 1 to 100.
    pub popularity: u32,
}

impl Medicine {
    /// Base units in the box.
    pub fn pack(&self) -> i64 {
        self.strips * self.per_strip
    }
}

/// One line of a table: name, strength, form, strips × units of a strip, price, popularity.
const fn m(
    dci: &'static str,
    strength: &'static str,
    form: Form,
    (strips, per_strip): (i64, i64),
    price: i64,
    popularity: u32,
) -> Medicine {
    Medicine { dci, strength, form, strips, per_strip, price, popularity }
}

/// Every line, class by class.
pub fn all() -> impl Iterator<Item = Medicine> {
    [
        pain_fever::TABLE,
        malaria_parasites::TABLE,
        infections::TABLE,
        children::TABLE,
        digestion::TABLE,
        allergy_breathing::TABLE,
        heart::TABLE,
        diabetes_hormones::TABLE,
        nerves_mind::TABLE,
        women::TABLE,
        vitamins::TABLE,
        eye_ear_skin::TABLE,
        infusions_injections::TABLE,
        goods::TABLE,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// A pharmaceutical form, and what one of it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Tablet,
    Coated,
    Dispersible,
    Effervescent,
    Chewable,
    Slow,
    Capsule,
    SoftCapsule,
    Suppository,
    Ovule,
    Sachet,
    Ampoule,
    MultiDose,
    Drinkable,
    Vial,
    Bag,
    Pen,
    Syrup,
    Suspension,
    OralDrops,
    EyeDrops,
    EyeOintment,
    EarDrops,
    Nasal,
    Cream,
    Ointment,
    Gel,
    Lotion,
    Inhaler,
    Item,
}

impl Form {
    /// In French, and the unit that is sold singly.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Tablet => ("comprimé", "comprimé"),
            Self::Coated => ("comprimé pelliculé", "comprimé"),
            Self::Dispersible => ("comprimé dispersible", "comprimé"),
            Self::Effervescent => ("comprimé effervescent", "comprimé"),
            Self::Chewable => ("comprimé à croquer", "comprimé"),
            Self::Slow => ("comprimé à libération prolongée", "comprimé"),
            Self::Capsule => ("gélule", "gélule"),
            Self::SoftCapsule => ("capsule molle", "capsule"),
            Self::Suppository => ("suppositoire", "suppositoire"),
            Self::Ovule => ("ovule", "ovule"),
            Self::Sachet => ("poudre orale en sachet", "sachet"),
            Self::Ampoule => ("solution injectable", "ampoule"),
            Self::MultiDose => ("solution injectable en flacon", "flacon"),
            Self::Drinkable => ("solution buvable en ampoule", "ampoule"),
            Self::Vial => ("poudre pour solution injectable", "flacon"),
            Self::Bag => ("solution pour perfusion", "poche"),
            Self::Pen => ("solution injectable en stylo", "stylo"),
            Self::Syrup => ("sirop", "flacon"),
            Self::Suspension => ("suspension buvable", "flacon"),
            Self::OralDrops => ("solution buvable en gouttes", "flacon"),
            Self::EyeDrops => ("collyre", "flacon"),
            Self::EyeOintment => ("pommade ophtalmique", "tube"),
            Self::EarDrops => ("solution auriculaire", "flacon"),
            Self::Nasal => ("solution nasale", "flacon"),
            Self::Cream => ("crème", "tube"),
            Self::Ointment => ("pommade", "tube"),
            Self::Gel => ("gel", "tube"),
            Self::Lotion => ("solution cutanée", "flacon"),
            Self::Inhaler => ("suspension pour inhalation", "flacon"),
            Self::Item => ("dispositif", "pièce"),
        }
    }

    /// In French.
    pub fn label(self) -> &'static str {
        self.words().0
    }

    /// The unit that is sold singly.
    pub fn base(self) -> &'static str {
        self.words().1
    }

    /// Whether the box holds strips.
    pub fn has_strips(self) -> bool {
        matches!(
            self,
            Self::Tablet
                | Self::Coated
                | Self::Dispersible
                | Self::Effervescent
                | Self::Chewable
                | Self::Slow
                | Self::Capsule
                | Self::SoftCapsule
                | Self::Suppository
                | Self::Ovule
        )
    }
}
