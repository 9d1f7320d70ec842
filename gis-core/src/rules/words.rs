//! Kinds and districts of pipes, which a network does not hold: each text once.

use std::collections::HashMap;

use crate::network::PipeIndex;

#[derive(Debug, Default)]
pub(super) struct Words {
    texts: Vec<String>,
    numbers: HashMap<String, u32>,
    /// Of kind and district; positions in `texts` plus one, 0 where unknown.
    pipes: HashMap<PipeIndex, [u32; 2]>,
}

impl Words {
    pub(super) fn is_empty(&self) -> bool {
        self.pipes.is_empty()
    }

    pub(super) fn put(&mut self, pipe: PipeIndex, kind: Option<&str>, zone: Option<&str>) {
        let numbers = [kind, zone].map(|text| self.number(text));
        if numbers != [0; 2] {
            self.pipes.insert(pipe, numbers);
        }
    }

    fn number(&mut self, text: Option<&str>) -> u32 {
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            return 0;
        };
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        self.texts.push(text.to_owned());
        let number = self.texts.len() as u32;
        self.numbers.insert(text.to_owned(), number);
        number
    }

    fn text(&self, pipe: PipeIndex, which: usize) -> Option<&str> {
        let number = self.pipes.get(&pipe)?[which].checked_sub(1)?;
        self.texts.get(number as usize).map(String::as_str)
    }

    /// The code of its kind.
    pub(super) fn kind(&self, pipe: PipeIndex) -> Option<&str> {
        self.text(pipe, 0)
    }

    /// Its DMA.
    pub(super) fn zone(&self, pipe: PipeIndex) -> Option<&str> {
        self.text(pipe, 1)
    }
}
