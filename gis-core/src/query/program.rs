//! A condition over columns in memory, for all features of a class at once: every part that reads one field is decided
//! once for each of its values, by the evaluator of expressions, and the rest is looking up.

use std::collections::HashMap;
use std::sync::Arc;

use crate::error::Result;
use crate::expr::{Ast, BinaryOp, Expr, compare, truth};
use crate::model::Value;
use crate::progress::Progress;
use crate::project::{CodedColumn, KeptColumns};

/// Truth such that `and` is the smaller one, `or` the greater one and `not` the distance from [`TRUE`].
type Truth = u8;
const FALSE: Truth = 0;
const UNKNOWN: Truth = 1;
const TRUE: Truth = 2;

fn known(truth: Option<bool>) -> Truth {
    truth.map_or(UNKNOWN, |t| if t { TRUE } else { FALSE })
}

/// Rows at a time.
const BLOCK: usize = 2_048;

/// What works on a stack of truths.
enum Step {
    /// By the value's position in a column.
    Look(Arc<CodedColumn>, Vec<Truth>),
    Always(Truth),
    /// A part that reads several fields.
    Evaluate(Expr),
    Not,
    And,
    Or,
}

/// Rows for which a condition holds, in rising order. `columns` are the fields of the condition in its order.
pub(super) fn rows_that_hold(
    condition: &Expr,
    columns: &KeptColumns,
    progress: &dyn Progress,
) -> Result<Vec<u32>> {
    let fields: HashMap<&str, &Arc<CodedColumn>> = condition
        .fields()
        .iter()
        .zip(&columns.columns)
        .filter_map(|(key, column)| Some((key.as_str(), column.as_ref()?)))
        .collect();
    let mut steps = Vec::new();
    compile(condition, condition.root(), &fields, &mut steps);
    let mut found = Vec::new();
    let mut stack: Vec<[Truth; BLOCK]> = Vec::new();
    for start in (0..columns.ids.len()).step_by(BLOCK) {
        progress.check()?;
        let count = BLOCK.min(columns.ids.len() - start);
        for step in &steps {
            run(step, &mut stack, &fields, start, count);
        }
        if let Some(truths) = stack.pop() {
            let rows = truths.iter().take(count).enumerate();
            found.extend(rows.filter(|(_, t)| **t == TRUE).map(|(i, _)| (start + i) as u32));
        }
    }
    Ok(found)
}

fn run(
    step: &Step,
    stack: &mut Vec<[Truth; BLOCK]>,
    fields: &HashMap<&str, &Arc<CodedColumn>>,
    start: usize,
    count: usize,
) {
    match step {
        Step::Look(column, truths) => {
            let mut block = [UNKNOWN; BLOCK];
            for (truth, code) in block.iter_mut().zip(&column.codes[start..start + count]) {
                *truth = truths[*code as usize];
            }
            stack.push(block);
        }
        Step::Always(truth) => stack.push([*truth; BLOCK]),
        Step::Evaluate(expr) => {
            let mut block = [UNKNOWN; BLOCK];
            for (i, own) in block.iter_mut().take(count).enumerate() {
                let row = |field: &str| value_of(fields, field, start + i).cloned().unwrap_or_default();
                *own = known(truth(&expr.eval(&row)));
            }
            stack.push(block);
        }
        Step::Not => {
            for truth in stack.last_mut().into_iter().flatten() {
                *truth = TRUE - *truth;
            }
        }
        Step::And | Step::Or => {
            let (Some(right), Some(left)) = (stack.pop(), stack.last_mut()) else {
                return;
            };
            let is_and = matches!(step, Step::And);
            for (left, right) in left.iter_mut().zip(right) {
                *left = if is_and {
                    right.min(*left)
                } else {
                    right.max(*left)
                };
            }
        }
    }
}

fn value_of<'a>(fields: &HashMap<&str, &'a Arc<CodedColumn>>, field: &str, row: usize) -> Option<&'a Value> {
    let column = fields.get(field)?;
    column.values.get(*column.codes.get(row)? as usize)
}

/// Steps that leave the truth of `ast` on the stack. Chains are as deep as the parser allows.
fn compile(whole: &Expr, ast: &Ast, fields: &HashMap<&str, &Arc<CodedColumn>>, steps: &mut Vec<Step>) {
    let part = whole.part(ast.clone());
    let is_joined = matches!(ast, Ast::Not(_) | Ast::Binary(BinaryOp::And | BinaryOp::Or, ..));
    match (part.fields(), ast) {
        ([], _) => steps.push(Step::Always(known(truth(&part.eval(&|_: &str| Value::Null))))),
        ([field], _) if fields.contains_key(field.as_str()) => {
            let column = Arc::clone(fields[field.as_str()]);
            let truths = decided(&part, &column.values);
            steps.push(Step::Look(column, truths));
        }
        (_, Ast::Not(a)) => {
            compile(whole, a, fields, steps);
            steps.push(Step::Not);
        }
        (_, Ast::Binary(op, a, b)) if is_joined => {
            compile(whole, a, fields, steps);
            compile(whole, b, fields, steps);
            steps.push(if *op == BinaryOp::And { Step::And } else { Step::Or });
        }
        _ => steps.push(Step::Evaluate(part)),
    }
}

fn decided(part: &Expr, values: &[Value]) -> Vec<Truth> {
    // The plainest comparison, of which there may be as many as there are features.
    if let Ast::Binary(op, a, b) = part.root()
        && op.is_comparison()
        && let (Ast::Field(_), Ast::Literal(literal)) = (a.as_ref(), b.as_ref())
    {
        let holds = |value: &Value| known(compare(value, literal).map(|order| op.holds(order)));
        return values.iter().map(holds).collect();
    }
    let holds = |value: &Value| known(truth(&part.eval(&|_: &str| value.clone())));
    values.iter().map(holds).collect()
}
