//! Requests in the store.

use portcullis::time::Time;

use super::super::model::{Asked, Decision, ReviewState, State, Task};
use super::{Param, Row, StoreError, Tx};

const COLUMNS: &str = "id, filter, status, created, expires, ended, approved_until, remaining, review, asked, reviewed";

/// Which requests to list; newest first.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub statuses: Vec<&'static str>,
    /// Only those with an emergency nobody has looked at.
    pub open_reviews: bool,
    /// Only those that one of these groups may decide on; `None`: all.
    pub groups: Option<Vec<String>>,
    /// And those of this person (`ISSUER#SUBJECT`), and those with an emergency, whatever their groups.
    pub own: Option<String>,
    pub with_emergencies: bool,
    /// Text in tool, person, agent, rule or id, in lower case.
    pub search: Option<String>,
    /// Only those older than this one.
    pub before: Option<(Time, String)>,
    pub most: usize,
}

/// The answer a use was given before.
pub struct Use {
    pub at: Time,
    pub remaining: u32,
}

impl Tx {
    pub async fn add(&mut self, task: &Task) -> Result<(), StoreError> {
        let asked = &task.asked;
        let (until, remaining) = grant(task.state);
        let values = vec![
            (&task.id).into(),
            (&task.filter).into(),
            (&asked.binding).into(),
            task.state.word().into(),
            task.created.into(),
            task.expires.into(),
            task.ended.into(),
            until.into(),
            remaining.into(),
            task.review_state.word().into(),
            asked.subject.id().into(),
            asked.subject.client.as_ref().into(),
            search_text(task).into(),
            json(asked)?.into(),
        ];
        self.rows(
            "INSERT INTO requests (id, filter, binding, status, created, expires, ended, approved_until, remaining, review, subject, client, search, asked) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
            values,
        )
        .await?;
        for group in &asked.approvers.groups {
            let sql = "INSERT INTO request_groups (request, name) VALUES ($1, $2) ON CONFLICT DO NOTHING";
            self.rows(sql, vec![(&task.id).into(), group.into()]).await?;
        }
        Ok(())
    }

    /// A request, locked for the rest of the transaction.
    pub async fn find(&mut self, id: &str) -> Result<Option<Task>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM requests WHERE id = $1 FOR UPDATE");
        match self.row(&sql, vec![id.into()]).await? {
            Some(row) => self.whole(row).await.map(Some),
            None => Ok(None),
        }
    }

    /// The same without a lock, for looking at it.
    pub async fn look(&mut self, id: &str) -> Result<Option<Task>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM requests WHERE id = $1");
        match self.row(&sql, vec![id.into()]).await? {
            Some(row) => self.whole(row).await.map(Some),
            None => Ok(None),
        }
    }

    async fn whole(&mut self, row: Row) -> Result<Task, StoreError> {
        let mut task = task(row)?;
        let sql = "SELECT decision FROM decisions WHERE request = $1 ORDER BY number";
        for mut row in self.rows(sql, vec![(&task.id).into()]).await? {
            task.decisions.push(parsed::<Decision>(&row.text()?)?);
        }
        Ok(task)
    }

    /// Writes where a request stands; `said`: so many decisions were there before.
    pub async fn keep(&mut self, task: &Task, said: usize) -> Result<(), StoreError> {
        let (until, remaining) = grant(task.state);
        let reviewed = task.review.as_ref().map(json).transpose()?;
        self.rows(
            "UPDATE requests SET status = $1, ended = $2, approved_until = $3, remaining = $4, review = $5, reviewed = $6 WHERE id = $7",
            vec![
                task.state.word().into(),
                task.ended.into(),
                until.into(),
                remaining.into(),
                task.review_state.word().into(),
                reviewed.into(),
                (&task.id).into(),
            ],
        )
        .await?;
        for (number, decision) in task.decisions.iter().enumerate().skip(said) {
            let sql = "INSERT INTO decisions (request, number, decision) VALUES ($1, $2, $3)";
            self.rows(sql, vec![(&task.id).into(), number.into(), json(decision)?.into()]).await?;
        }
        Ok(())
    }

    /// The request an idempotency key stands for; the key is locked, so that of two that come at once one waits.
    pub async fn under_key(&mut self, filter: &str, key: &str) -> Result<Option<String>, StoreError> {
        let take = "INSERT INTO idempotency_keys (filter, name, request) VALUES ($1, $2, '') ON CONFLICT (filter, name) DO NOTHING";
        self.rows(take, vec![filter.into(), key.into()]).await?;
        let sql = "SELECT request FROM idempotency_keys WHERE filter = $1 AND name = $2 FOR UPDATE";
        let row = self.row(sql, vec![filter.into(), key.into()]).await?;
        let id = row.map(|mut row| row.text()).transpose()?.unwrap_or_default();
        Ok(Some(id).filter(|id| !id.is_empty()))
    }

    pub async fn set_key(&mut self, filter: &str, key: &str, request: &str) -> Result<(), StoreError> {
        let sql = "UPDATE idempotency_keys SET request = $1 WHERE filter = $2 AND name = $3";
        self.rows(sql, vec![request.into(), filter.into(), key.into()]).await.map(drop)
    }

    /// How many requests wait: of this filter, and of them of this person.
    pub async fn waiting(&mut self, filter: &str, subject: &str, now: Time) -> Result<(usize, usize), StoreError> {
        let sql = "SELECT COUNT(*), COUNT(CASE WHEN subject = $1 THEN 1 END) FROM requests WHERE filter = $2 AND status = 'pending' AND expires > $3";
        let Some(mut row) = self.row(sql, vec![subject.into(), filter.into(), now.into()]).await? else { return Ok((0, 0)) };
        let count = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
        Ok((count(row.int()?), count(row.int()?)))
    }

    /// Takes one use, if there is one: the one statement that decides between all who ask at once.
    ///
    /// It says in SQL what `machine::consume` says.
    pub async fn take_use(&mut self, id: &str, now: Time) -> Result<Option<u32>, StoreError> {
        let sql = "UPDATE requests SET remaining = remaining - 1, status = CASE WHEN remaining = 1 THEN 'consumed' ELSE status END \
                   WHERE id = $1 AND status = 'approved' AND remaining > 0 AND approved_until > $2 RETURNING remaining";
        let row = self.row(sql, vec![id.into(), now.into()]).await?;
        row.map(|mut row| row.int().map(|left| u32::try_from(left).unwrap_or_default())).transpose()
    }

    pub async fn find_use(&mut self, id: &str, name: &str) -> Result<Option<Use>, StoreError> {
        let sql = "SELECT at, remaining FROM uses WHERE request = $1 AND name = $2";
        let Some(mut row) = self.row(sql, vec![id.into(), name.into()]).await? else { return Ok(None) };
        Ok(Some(Use { at: row.time()?, remaining: u32::try_from(row.int()?).unwrap_or_default() }))
    }

    pub async fn note_use(&mut self, id: &str, name: &str, given: &Use) -> Result<(), StoreError> {
        let sql = "INSERT INTO uses (request, name, at, remaining) VALUES ($1, $2, $3, $4)";
        self.rows(sql, vec![id.into(), name.into(), given.at.into(), given.remaining.into()]).await.map(drop)
    }

    pub async fn list(&mut self, wanted: &Wanted) -> Result<Vec<Task>, StoreError> {
        let (conditions, params) = conditions(wanted);
        let sql = format!("SELECT {COLUMNS} FROM requests WHERE {conditions} ORDER BY created DESC, id DESC LIMIT ${}", params.len() + 1);
        let params = params.into_iter().chain([wanted.most.into()]).collect();
        let mut tasks = Vec::new();
        for row in self.rows(&sql, params).await? {
            tasks.push(self.whole(row).await?);
        }
        Ok(tasks)
    }

    /// What the same person or the same agent asked for before.
    pub async fn recent(&mut self, task: &Task, most: usize) -> Result<Vec<Task>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM requests WHERE subject = $1 AND id <> $2 ORDER BY created DESC, id DESC LIMIT $3");
        let rows = self.rows(&sql, vec![task.asked.subject.id().into(), (&task.id).into(), most.into()]).await?;
        rows.into_iter().map(self::task).collect()
    }

    /// Requests whose time is over and that do not say so yet.
    pub async fn overdue(&mut self, now: Time, most: usize) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT id FROM requests WHERE (status = 'pending' AND expires <= $1) OR (status = 'approved' AND approved_until <= $1) \
                   ORDER BY created LIMIT $2";
        self.rows(sql, vec![now.into(), most.into()]).await?.into_iter().map(|mut row| row.text()).collect()
    }

    /// Forgets requests that ended before a time and wait for no review; how many.
    pub async fn forget(&mut self, before: Time, most: usize) -> Result<usize, StoreError> {
        let sql = "DELETE FROM requests WHERE id IN (SELECT id FROM requests WHERE ended IS NOT NULL AND ended < $1 \
                   AND status <> 'pending' AND status <> 'approved' AND review <> 'open' ORDER BY ended LIMIT $2) RETURNING id";
        let gone = self.rows(sql, vec![before.into(), most.into()]).await?;
        let count = gone.len();
        for mut row in gone {
            let sql = "DELETE FROM idempotency_keys WHERE request = $1";
            self.rows(sql, vec![row.text()?.into()]).await?;
        }
        Ok(count)
    }
}

/// `WHERE` without the word, and its parameters.
fn conditions(wanted: &Wanted) -> (String, Vec<Param>) {
    let mut params: Vec<Param> = Vec::new();
    let mut all = vec!["1 = 1".to_owned()];
    let mut place = |param: Param| {
        params.push(param);
        format!("${}", params.len())
    };
    if !wanted.statuses.is_empty() {
        let statuses: Vec<String> = wanted.statuses.iter().map(|status| place((*status).into())).collect();
        all.push(format!("status IN ({})", statuses.join(", ")));
    }
    if wanted.open_reviews {
        all.push("review = 'open'".to_owned());
    }
    if let Some(groups) = &wanted.groups {
        let mut any = Vec::new();
        if !groups.is_empty() {
            let names: Vec<String> = groups.iter().map(|group| place(group.into())).collect();
            any.push(format!("EXISTS (SELECT 1 FROM request_groups g WHERE g.request = requests.id AND g.name IN ({}))", names.join(", ")));
        }
        if let Some(own) = &wanted.own {
            any.push(format!("subject = {}", place(own.into())));
        }
        if wanted.with_emergencies {
            any.push("review <> 'none'".to_owned());
        }
        all.push(if any.is_empty() { "1 = 0".to_owned() } else { format!("({})", any.join(" OR ")) });
    }
    if let Some(search) = &wanted.search {
        let escaped: String = search.chars().flat_map(|c| matches!(c, '%' | '_' | '!').then_some('!').into_iter().chain([c])).collect();
        all.push(format!("search LIKE {} ESCAPE '!'", place(format!("%{escaped}%").into())));
    }
    if let Some((time, id)) = &wanted.before {
        let (earlier, same, id) = (place((*time).into()), place((*time).into()), place(id.into()));
        all.push(format!("(created < {earlier} OR (created = {same} AND id < {id}))"));
    }
    (all.join(" AND "), params)
}

fn task(mut row: Row) -> Result<Task, StoreError> {
    let (id, filter, status) = (row.text()?, row.text()?, row.text()?);
    let (created, expires, ended) = (row.time()?, row.time()?, row.maybe_time()?);
    let (until, remaining) = (row.maybe_time()?, u32::try_from(row.int()?).unwrap_or_default());
    let review_state = ReviewState::of(&row.text()?).ok_or(StoreError::Unreadable("an unknown state of a review"))?;
    let state = State::of(&status, until, remaining).ok_or(StoreError::Unreadable("an unknown state of a request"))?;
    let asked: Asked = parsed(&row.text()?)?;
    let review = row.maybe_text()?.map(|text| parsed(&text)).transpose()?;
    Ok(Task { id, filter, asked, created, expires, ended, state, decisions: Vec::new(), review_state, review })
}

/// Columns of what an approval is good for.
fn grant(state: State) -> (Option<Time>, u32) {
    match state {
        State::Approved { until, remaining } => (Some(until), remaining),
        State::Consumed { until } => (Some(until), 0),
        State::Pending | State::Denied | State::Expired | State::Cancelled => (None, 0),
    }
}

fn search_text(task: &Task) -> String {
    let asked = &task.asked;
    let subject = &asked.subject;
    let parts = [Some(task.id.as_str()), Some(&asked.tool), Some(&asked.rule), Some(&subject.subject), Some(&task.filter)];
    let more = [subject.user.as_deref(), subject.email.as_deref(), subject.client.as_deref(), asked.request_id.as_deref()];
    let text: Vec<&str> = parts.into_iter().chain(more).flatten().collect();
    text.join("\n").to_lowercase()
}

fn json(value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| StoreError::Unreadable("a value cannot be written"))
}

fn parsed<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Unreadable("a kept value is none of this version's"))
}
