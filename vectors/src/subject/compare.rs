//! What differs between an expected outcome and one that came.

use serde::Serialize;
use serde_json::Value;

use crate::expect::Expect;
use crate::kind::{Answer, Kind, Test};
use crate::report::{Difference, Verdict};

/// Compares an answer in full.
pub(super) fn answer<K: Kind>(test: &Test<K>, answer: Answer<K::Output>) -> Verdict {
    match (&test.expect, &test.output, answer) {
        // Whoever is right costs no JSON.
        (Expect::Accept, Some(expected), Ok(output)) if *expected == output => Verdict::Passed,
        (expect, None, Err(outcome)) if *expect == outcome => Verdict::Passed,
        (expect, expected, answer) => {
            let (outcome, output) = match answer {
                Ok(output) => (Expect::Accept, Some(tree(&output))),
                Err(outcome) => (outcome, None),
            };
            outcomes(expect, expected.as_ref().map(tree).as_ref(), &outcome.to_string(), output.as_ref(), None)
        }
    }
}

/// Compares an outcome and its output. With `results`, only these have to be there; others are compared if they are.
pub(super) fn outcomes(
    expect: &Expect,
    expected: Option<&Value>,
    outcome: &str,
    output: Option<&Value>,
    results: Option<&[&str]>,
) -> Verdict {
    if expect.to_string() != outcome {
        return Verdict::Failed(vec![Difference::new("outcome", expect, outcome)]);
    }
    let mut differences = Vec::new();
    if let (Some(expected), Some(output)) = (expected, output) {
        values("output", expected, output, results, &mut differences);
    }
    if differences.is_empty() { Verdict::Passed } else { Verdict::Failed(differences) }
}

fn values(at: &str, expected: &Value, got: &Value, results: Option<&[&str]>, found: &mut Vec<Difference>) {
    match (expected, got) {
        (Value::Object(expected), Value::Object(got)) => {
            for (name, value) in expected {
                let path = format!("{at}.{name}");
                match got.get(name) {
                    Some(got) => values(&path, value, got, results, found),
                    None if is_needed(&path, results) => found.push(Difference::new(path, text(value), "nothing")),
                    None => {}
                }
            }
            for (name, value) in got.iter().filter(|(name, _)| !expected.contains_key(*name)) {
                found.push(Difference::new(format!("{at}.{name}"), "nothing", text(value)));
            }
        }
        (Value::Array(expected), Value::Array(got)) if expected.len() == got.len() => {
            for (i, (expected, got)) in expected.iter().zip(got).enumerate() {
                values(&format!("{at}[{i}]"), expected, got, None, found);
            }
        }
        _ if expected == got => {}
        _ => found.push(Difference::new(at, text(expected), text(got))),
    }
}

/// Whether the path is a result, leads to one, or is part of one.
fn is_needed(path: &str, results: Option<&[&str]>) -> bool {
    let Some(results) = results else { return true };
    let path = path.strip_prefix("output.").unwrap_or(path);
    results.iter().any(|result| {
        let leads = |long: &str, short: &str| long.strip_prefix(short).is_some_and(|rest| rest.starts_with('.'));
        *result == path || leads(result, path) || leads(path, result)
    })
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn tree(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_results_are_needed() {
        let expected = json!({"request": {"tag": "aa", "code": "12"}, "more": [1, 2]});
        let check = |got: Value, results: Option<&[&str]>, differing: &[&str]| {
            let found = match outcomes(&Expect::Accept, Some(&expected), "accept", Some(&got), results) {
                Verdict::Failed(differences) => differences.into_iter().map(|one| one.field).collect(),
                _ => Vec::new(),
            };
            assert_eq!(found, differing, "{got}");
        };
        let results: Option<&[&str]> = Some(&["request.code"]);
        check(expected.clone(), None, &[]);
        check(json!({"request": {"code": "12"}}), results, &[]);
        check(json!({"request": {"code": "12"}}), None, &["output.more", "output.request.tag"]);
        check(json!({"request": {"tag": "aa"}}), results, &["output.request.code"]);
        check(json!({"more": [1, 2]}), results, &["output.request"]);
        check(
            json!({"request": {"code": "12", "tag": "ab"}, "more": [1, 3]}),
            results,
            &["output.more[1]", "output.request.tag"],
        );
        check(
            json!({"request": {"code": "12", "odd": 1}, "more": [1]}),
            results,
            &["output.more", "output.request.odd"],
        );
    }
}
