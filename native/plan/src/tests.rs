use crate::Step;
use crate::owned::Plan;
use crate::wire::Reader;
use crate::{Report, ReportKind};
use std::vec::Vec;

const PLAN: &str = r#"{"version":1,"outside":[],"inside":[
  {"op":"newSession"},
  {"op":"mount","type":"proc","source":"proc","target":"/proc","attributes":14,"options":["a=b","c"],"propagation":0,"ordinary":true,"belowProc":false},
  {"op":"credentials","uid":1,"gid":2,"groups":[3,4],"setgroups":true},
  {"op":"seccomp","profile":{"any":1},"cache":""}]}"#;

#[test]
fn what_is_encoded_is_decoded() {
    let plan = Plan::parse(PLAN).unwrap();
    let bytes = plan.encode_inside(5, 7, &mut |_, _| Ok(std::vec![1, 2, 3])).unwrap();
    let mut reader = Reader::new(&bytes);
    let head: Vec<u32> = (0..5).map(|_| reader.u32().unwrap()).collect();
    assert_eq!(head, [crate::wire::MAGIC, 1, 5, 7, 4]);
    assert!(matches!(Step::decode(&mut reader), Some(Step::NewSession)));
    match Step::decode(&mut reader) {
        Some(Step::Mount { kind, options, attributes, ordinary, .. }) => {
            assert_eq!(kind, c"proc");
            assert_eq!(options.iter().collect::<Vec<_>>(), [c"a=b", c"c"]);
            assert_eq!((attributes, ordinary), (14, true));
        }
        other => panic!("{other:?}"),
    }
    match Step::decode(&mut reader) {
        Some(Step::Credentials { groups, .. }) => assert_eq!(groups.iter().collect::<Vec<_>>(), [3, 4]),
        other => panic!("{other:?}"),
    }
    assert!(matches!(Step::decode(&mut reader), Some(Step::Seccomp { filter: [1, 2, 3] })));
    assert!(Step::decode(&mut reader).is_none());
}

#[test]
fn every_truncation_is_refused() {
    let bytes = Plan::parse(PLAN).unwrap().encode_inside(0, 0, &mut |_, _| Ok(Vec::new())).unwrap();
    for end in 0..bytes.len() {
        let mut reader = Reader::new(&bytes[..end]);
        let mut steps = 0;
        if (0..5).all(|_| reader.u32().is_some()) {
            while Step::decode(&mut reader).is_some() {
                steps += 1;
            }
        }
        assert!(steps < 4, "{end} bytes gave all steps");
    }
}

#[test]
fn a_nul_in_a_text_is_refused() {
    let plan = Plan::parse(r#"{"version":1,"outside":[],"inside":[{"op":"hostname","name":"a\u0000b"}]}"#).unwrap();
    assert!(plan.encode_inside(0, 0, &mut |_, _| Ok(Vec::new())).is_err());
}

#[test]
fn a_foreign_version_is_refused() {
    assert!(Plan::parse(r#"{"version":2,"outside":[],"inside":[]}"#).is_err());
}

#[test]
fn a_report_survives_the_socket() {
    let report = Report { kind: ReportKind::Failed, step: 7, value: -1 };
    assert_eq!(Report::from_bytes(&report.to_bytes()), Some(report));
    assert_eq!(Report::from_bytes(&[0; 16]), None);
    assert_eq!(Report::from_bytes(&[1; 15]), None);
}
