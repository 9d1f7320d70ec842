//! Work that takes longer than a frame: threads with progress and cancel, whose results come back to the
//! window as events. It knows nothing of what the work is.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use gis_core::{Error, Message, Progress, Result};

use crate::map::readers::Readers;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaskId(u64);

#[derive(Debug, Clone, PartialEq)]
pub enum TaskState {
    Running,
    Done,
    Cancelled,
    Failed(Message),
}

/// How far a task is, as its thread last said.
#[derive(Debug, Clone, Default)]
pub struct Advance {
    pub stage: Option<Message>,
    pub done: u64,
    pub total: Option<u64>,
}

/// A task as the panel lists it.
#[derive(Debug)]
pub struct Task {
    pub id: TaskId,
    pub label: Message,
    pub state: TaskState,
    pub started: Instant,
    pub took: Option<Duration>,
    shared: Arc<Shared>,
}

impl Task {
    pub fn advance(&self) -> Advance {
        lock(&self.shared.advance).clone()
    }

    pub fn is_running(&self) -> bool {
        self.state == TaskState::Running
    }

    /// Whether the user asked to stop it and it has not stopped yet.
    pub fn is_stopping(&self) -> bool {
        self.is_running() && self.shared.is_cancelled.load(Ordering::Relaxed)
    }
}

#[derive(Debug, Default)]
struct Shared {
    advance: Mutex<Advance>,
    is_cancelled: AtomicBool,
    last_wake: Mutex<Option<Instant>>,
}

/// What a task's thread reports to.
#[derive(Clone)]
pub struct TaskProgress {
    shared: Arc<Shared>,
    ctx: egui::Context,
}

impl Progress for TaskProgress {
    fn report(&self, stage: &Message, done: u64, total: Option<u64>) {
        // Ten times a second is as much as a bar can show.
        let mut last_wake = lock(&self.shared.last_wake);
        let is_new_stage = lock(&self.shared.advance).stage.as_ref() != Some(stage);
        if !is_new_stage && last_wake.is_some_and(|at| at.elapsed() < Duration::from_millis(100)) {
            return;
        }
        *last_wake = Some(Instant::now());
        *lock(&self.shared.advance) = Advance {
            stage: Some(stage.clone()),
            done,
            total,
        };
        self.ctx.request_repaint();
    }

    fn is_cancelled(&self) -> bool {
        self.shared.is_cancelled.load(Ordering::Relaxed)
    }
}

/// Hands events to the window from any thread and wakes it.
pub struct Outbox<E> {
    sender: Sender<Note<E>>,
    ctx: egui::Context,
}

impl<E> Clone for Outbox<E> {
    fn clone(&self) -> Self {
        Self {
            sender: self.sender.clone(),
            ctx: self.ctx.clone(),
        }
    }
}

impl<E> Outbox<E> {
    /// Does nothing once the window is gone.
    pub fn send(&self, event: E) {
        if self.sender.send(Note::Event(event)).is_ok() {
            self.ctx.request_repaint();
        }
    }
}

/// What `Tasks::poll` found.
#[derive(Debug)]
pub enum Arrival<E> {
    Event(E),
    /// A task failed; cancelled ones are not reported, the user knows.
    Failure(Error),
}

enum Note<E> {
    Event(E),
    Finished(TaskId, Result<E>),
}

/// All tasks of one window.
pub struct Tasks<E> {
    ctx: egui::Context,
    sender: Sender<Note<E>>,
    receiver: Receiver<Note<E>>,
    list: Vec<Task>,
    next_id: u64,
}

impl<E: Send + 'static> Tasks<E> {
    pub fn new(ctx: egui::Context) -> Self {
        let (sender, receiver) = channel();
        Self {
            ctx,
            sender,
            receiver,
            list: Vec::new(),
            next_id: 0,
        }
    }

    /// For threads that are no tasks: dialogs, the project's service thread.
    pub fn outbox(&self) -> Outbox<E> {
        Outbox {
            sender: self.sender.clone(),
            ctx: self.ctx.clone(),
        }
    }

    /// Runs `work` on a thread of its own. Its event arrives by `poll`; a panic in it becomes a failure.
    pub fn spawn(
        &mut self,
        label: Message,
        work: impl FnOnce(&TaskProgress) -> Result<E> + Send + 'static,
    ) -> TaskId {
        self.next_id += 1;
        let id = TaskId(self.next_id);
        let shared = Arc::new(Shared::default());
        let progress = TaskProgress {
            shared: Arc::clone(&shared),
            ctx: self.ctx.clone(),
        };
        let (sender, ctx) = (self.sender.clone(), self.ctx.clone());
        let reading = Readers::of(&self.ctx).enter();
        let run = move || {
            let _reading = reading;
            let result = catch_unwind(AssertUnwindSafe(|| work(&progress)))
                .unwrap_or_else(|_| Err(Error::bad_input(Message::new("app.task.crashed"))));
            if sender.send(Note::Finished(id, result)).is_ok() {
                ctx.request_repaint();
            }
        };
        let started = std::thread::Builder::new()
            .name(format!("karez-task-{}", id.0))
            .spawn(run);
        if let Err(error) = started {
            let failure = Error::bad_input(Message::new("app.task.no_thread").with("reason", error));
            let closed = self.sender.send(Note::Finished(id, Err(failure))).is_err();
            debug_assert!(!closed, "the receiver lives in self");
        }
        self.list.push(Task {
            id,
            label,
            state: TaskState::Running,
            started: Instant::now(),
            took: None,
            shared,
        });
        id
    }

    /// Everything that arrived since the last call, in order.
    pub fn poll(&mut self) -> Vec<Arrival<E>> {
        let mut arrivals = Vec::new();
        while let Ok(note) = self.receiver.try_recv() {
            match note {
                Note::Event(event) => arrivals.push(Arrival::Event(event)),
                Note::Finished(id, result) => {
                    self.close(id, result.as_ref().err());
                    match result {
                        Ok(event) => arrivals.push(Arrival::Event(event)),
                        Err(Error::Cancelled) => {}
                        Err(error) => arrivals.push(Arrival::Failure(error)),
                    }
                }
            }
        }
        arrivals
    }

    fn close(&mut self, id: TaskId, error: Option<&Error>) {
        if let Some(task) = self.list.iter_mut().find(|t| t.id == id) {
            task.took = Some(task.started.elapsed());
            task.state = match error {
                None => TaskState::Done,
                Some(Error::Cancelled) => TaskState::Cancelled,
                Some(error) => TaskState::Failed(error.message()),
            };
        }
    }

    /// Asks the task to stop; it ends as `Cancelled` at its next look.
    /// Asks everything that runs to stop.
    pub fn cancel_all(&self) {
        for task in &self.list {
            task.shared.is_cancelled.store(true, Ordering::Relaxed);
        }
    }

    pub fn cancel(&self, id: TaskId) {
        if let Some(task) = self.list.iter().find(|t| t.id == id) {
            task.shared.is_cancelled.store(true, Ordering::Relaxed);
        }
    }

    /// Newest last.
    pub fn list(&self) -> &[Task] {
        &self.list
    }

    pub fn running(&self) -> impl Iterator<Item = &Task> {
        self.list.iter().filter(|t| t.is_running())
    }

    pub fn is_idle(&self) -> bool {
        self.running().next().is_none()
    }

    pub fn forget_finished(&mut self) {
        self.list.retain(Task::is_running);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Waits for the next arrival, five seconds at most.
    fn next<E: Send + 'static>(tasks: &mut Tasks<E>) -> Vec<Arrival<E>> {
        for _ in 0..500 {
            let arrivals = tasks.poll();
            if !arrivals.is_empty() || tasks.is_idle() {
                return arrivals;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Vec::new()
    }

    #[test]
    fn a_task_reports_its_progress_and_hands_its_result_over() {
        let mut tasks = Tasks::new(egui::Context::default());
        tasks.spawn(Message::new("app.task.opening"), |progress| {
            progress.report(&Message::new("core.network.building"), 3, Some(4));
            Ok(42)
        });
        assert!(matches!(next(&mut tasks).as_slice(), [Arrival::Event(42)]));
        let advance = tasks.list()[0].advance();
        assert_eq!((advance.done, advance.total), (3, Some(4)));
        assert_eq!(tasks.list()[0].state, TaskState::Done);
    }

    #[test]
    fn a_cancelled_task_ends_without_a_failure() {
        let mut tasks = Tasks::<()>::new(egui::Context::default());
        let id = tasks.spawn(Message::new("app.task.opening"), |progress| {
            loop {
                progress.check()?;
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        tasks.cancel(id);
        assert!(next(&mut tasks).is_empty());
        assert_eq!(tasks.list()[0].state, TaskState::Cancelled);
    }

    #[test]
    fn a_task_that_panics_fails_and_the_window_lives() {
        let mut tasks = Tasks::<()>::new(egui::Context::default());
        tasks.spawn(Message::new("app.task.opening"), |_| panic!("for the test"));
        assert!(matches!(next(&mut tasks).as_slice(), [Arrival::Failure(_)]));
    }
}
