//! Enrolment: a one-time code becomes a token, a ticket series and the pharmacy's PIN secret.

use officine_protocol::{clock::mint, limits::PROTOCOL, messages::EnrolRequest};

use super::{shared::Trigger, transport::check_address};
use crate::{
    device::{self, Device},
    engine::Till,
    error::Result,
    refuse,
    views::{EnrolArgs, Topic},
};

impl Till {
    /// Enrols this till.
    pub fn enrol(&self, args: &EnrolArgs) -> Result<()> {
        if self.device().is_ok() {
            return refuse!("already_enrolled");
        }
        let hub = check_address(&args.hub)?;
        let name = args.till.trim();
        if name.is_empty() || name.chars().count() > 40 {
            return refuse!("name_missing");
        }
        let incarnation = mint(self.clock.as_ref(), self.entropy.as_ref());
        let request = EnrolRequest {
            protocol: PROTOCOL,
            code: args.code.trim().to_uppercase(),
            name: name.to_owned(),
            incarnation,
            replaces: None,
        };
        let answer = self.transport().enrol(&hub, &request)?;
        let device = Device {
            uid: answer.device,
            token: answer.token,
            pin_secret: answer.pin_secret,
            incarnation,
            hub,
            series: answer.series,
            name: name.to_owned(),
            pharmacy: answer.pharmacy,
        };
        self.store.write(|tx| {
            tx.execute(
                "UPDATE till_state SET series = ?1, last_number = 0, last_hash = zeroblob(32), last_sale = NULL",
                [device.series],
            )?;
            tx.execute("UPDATE sync_state SET epoch = ?1", [answer.epoch])?;
            Ok(())
        })?;
        device::store(&self.dir, &device)?;
        self.set_device(device);
        self.changed(&[Topic::People, Topic::Settings, Topic::Sync]);
        self.trigger(Trigger::Change);
        Ok(())
    }
}
