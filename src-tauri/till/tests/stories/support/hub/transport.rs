//! The way to the scripted hub, with its accidents.

use officine_protocol::{
    Uid,
    clock::Clock,
    messages::{
        CheckRequest, CheckResponse, Cursor, EnrolRequest, EnrolResponse, Operation, PullRequest, PullResponse,
        PushRequest, PushResponse, RowsRequest, RowsResponse, StatusResponse, WalkRequest, WalkResponse,
    },
    params,
};
use officine_till::{
    Error, Result,
    device::Device,
    sync::transport::{Traffic, Transport},
};

use super::{FakeHub, unreachable};

impl Transport for FakeHub {
    fn enrol(&self, _: &str, request: &EnrolRequest) -> Result<EnrolResponse> {
        self.enrolled(request)
    }

    fn push(&self, device: &Device, request: &PushRequest) -> Result<(PushResponse, Traffic)> {
        let frozen = request.operations.iter().map(|sent| sent.operation.get().to_owned());
        self.state().sent.push(frozen.collect());
        self.admit(device)?;
        self.state().asked.push(("push", request.operations.len()));
        let gate = self.state().gate.clone();
        if let Some(error) = gate.and_then(|gate| gate(request)) {
            return Err(error);
        }
        let last_seq = self.answered(device, request);
        let operations = request.operations.iter().map(|sent| serde_json::from_str(sent.operation.get()).unwrap());
        let mut verdicts: Vec<_> = operations.map(|operation: Operation| self.verdict(&operation)).collect();
        let mut state = self.state();
        if state.verdicts_forgotten > 0 {
            state.verdicts_forgotten -= 1;
            verdicts.clear();
        }
        if state.answers_lost > 0 {
            state.answers_lost -= 1;
            return Err(unreachable());
        }
        let (epoch, revision) = (state.epoch, state.revision);
        let response = PushResponse { epoch, server_time: self.clock.now(), revision, verdicts, last_seq };
        Ok((response, Traffic { up: 1, down: 1 }))
    }

    fn hold(&self, device: &Device, request: &PullRequest) -> Result<(PullResponse, Traffic)> {
        self.state().holds += 1;
        while self.state().pages.is_empty() {
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        self.answer(device, request)
    }

    fn pull(&self, device: &Device, request: &PullRequest) -> Result<(PullResponse, Traffic)> {
        self.state().pulls += 1;
        self.state().asked.push(("pull", request.max_rows as usize));
        let meanwhile = self.state().meanwhile.take();
        if let Some(happens) = meanwhile {
            happens();
        }
        self.answer(device, request)
    }

    fn walk(&self, _: &Device, request: &WalkRequest) -> Result<(WalkResponse, Traffic)> {
        if !self.state().walked {
            return Err(Error::hub("not_found", params!()));
        }
        Ok((self.page_of_walk(request)?, Traffic { up: 1, down: 1 }))
    }

    fn status(&self, device: &Device) -> Result<StatusResponse> {
        self.standing(device)
    }

    fn check(&self, _: &Device, request: &CheckRequest) -> Result<(CheckResponse, Traffic)> {
        Ok((self.part_checked(request)?, Traffic { up: 1, down: 1 }))
    }

    fn rows(&self, _: &Device, request: &RowsRequest) -> Result<(RowsResponse, Traffic)> {
        Ok((self.rows_by_name(request)?, Traffic { up: 1, down: 1 }))
    }
}

impl FakeHub {
    fn answer(&self, _: &Device, request: &PullRequest) -> Result<(PullResponse, Traffic)> {
        if self.state().walked {
            return Ok((self.page_by_revision(request)?, Traffic { up: 1, down: 1 }));
        }
        self.cut()?;
        let mut state = self.state();
        if state.standing_still {
            let (epoch, revision, server_time) = (state.epoch, state.revision, self.clock.now());
            let (rows, next) = (Vec::new(), request.cursor);
            let page = PullResponse { epoch, server_time, revision, other_history: false, rows, next, has_more: true };
            return Ok((page, Traffic::default()));
        }
        let rows = state.pages.pop_front().unwrap_or_default();
        let reached = rows.iter().map(|row| row.rev).max().unwrap_or(state.revision).max(request.cursor.rev);
        let page = PullResponse {
            epoch: state.epoch,
            server_time: self.clock.now(),
            revision: state.revision,
            other_history: false,
            rows,
            next: Cursor { rev: reached, commit: Some(Uid::from_u128(3)) },
            has_more: !state.pages.is_empty(),
        };
        Ok((page, Traffic::default()))
    }
}
