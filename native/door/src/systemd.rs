//! Units of systemd: a container's scope is started with its init in it, and stopped when it is deleted.
use crate::dbus::{Bus, Object, Refusal};
use crate::failure::Trouble;
use crate::files::kernel_text;
use rustix::io::Errno;
use serde::Deserialize;
use serde_json::{Value, json};
use tsrun_plan::owned::outside::{StartUnit, StopUnit};

const MANAGER: Object = ["org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager"];
const JOB_REMOVED: &str = "type='signal',interface='org.freedesktop.systemd1.Manager',member='JobRemoved'";

/// How often a unit that is still there may be reset before it counts as somebody's.
const ATTEMPTS: usize = 5;

#[derive(Deserialize)]
struct Properties {
    /// Name, D-Bus type and value, in their order.
    list: Vec<(String, String, Value)>,
    /// Names of those without which the unit is as good: an old systemd does not know all.
    optional: Vec<String>,
}

/// Starts the unit with process pid in it, and looks whether the process is where it was to be.
pub fn start(op: &StartUnit, pid: i32) -> Result<(), Trouble> {
    let mut properties: Properties =
        serde_json::from_str(op.properties.get()).map_err(|error| Trouble::Detail(Errno::INVAL, error.to_string()))?;
    let spoken = |refusal| words(&op.bus, refusal);
    let mut bus = Bus::connect_to(&op.bus).map_err(spoken)?;
    bus.listen(JOB_REMOVED).map_err(spoken)?;
    bus.call(MANAGER, "Subscribe", "", &[]).map_err(spoken)?;
    let mut attempts = ATTEMPTS;
    let job = loop {
        match bus.call(MANAGER, "StartTransientUnit", "ssa(sv)a(sa(sv))", &request(op, &properties, pid)) {
            Ok(message) => break message.texts("o").into_iter().next().unwrap_or_default(),
            Err(Refusal::Method(name, _)) if name.ends_with(".UnitExists") && attempts > 0 => {
                attempts -= 1;
                // one that failed stays until it is reset; one that is just going away needs a moment
                let _loaded_no_more = bus.call(MANAGER, "ResetFailedUnit", "s", &[json!(op.unit)]);
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
            Err(Refusal::Method(name, sentence)) => {
                let unknown = properties.optional.iter().find(|property| names(&sentence, property)).cloned();
                let Some(unknown) = unknown else { return Err(spoken(Refusal::Method(name, sentence))) };
                properties.list.retain(|(property, ..)| *property != unknown);
                properties.optional.retain(|property| *property != unknown);
            }
            Err(refusal) => return Err(spoken(refusal)),
        }
    };
    let result = finished(&mut bus, &job).map_err(spoken)?;
    if result != "done" {
        let words = format!("systemd could not start unit {}: its job is {result}", op.unit);
        return Err(Trouble::Detail(Errno::IO, words));
    }
    verify(pid, &op.cgroup)
}

fn request(op: &StartUnit, properties: &Properties, pid: i32) -> [Value; 4] {
    let list: Vec<Value> = properties
        .list
        .iter()
        .map(|(name, kind, value)| json!([name, [kind, value]]))
        .chain([json!(["PIDs", ["au", [pid]]])])
        .collect();
    [json!(op.unit), json!("replace"), json!(list), json!([])]
}

/// "Cannot set property X, or unknown property." and its like.
fn names(sentence: &str, property: &str) -> bool {
    sentence.split(|letter: char| !letter.is_ascii_alphanumeric()).any(|word| word == property)
}

/// Stops the unit and forgets it, if it is still there: a scope without processes goes by itself.
pub fn stop(op: &StopUnit) -> Result<(), Trouble> {
    let spoken = |refusal| words(&op.bus, refusal);
    let mut bus = Bus::connect_to(&op.bus).map_err(spoken)?;
    bus.listen(JOB_REMOVED).map_err(spoken)?;
    bus.call(MANAGER, "Subscribe", "", &[]).map_err(spoken)?;
    match bus.call(MANAGER, "StopUnit", "ss", &[json!(op.unit), json!("replace")]) {
        Ok(message) => {
            let job = message.texts("o").into_iter().next().unwrap_or_default();
            finished(&mut bus, &job).map_err(spoken)?;
        }
        Err(Refusal::Method(name, _)) if name.ends_with(".NoSuchUnit") => return Ok(()),
        Err(refusal) => return Err(spoken(refusal)),
    }
    let _loaded_no_more = bus.call(MANAGER, "ResetFailedUnit", "s", &[json!(op.unit)]);
    Ok(())
}

/// The result of a job: `done`, `failed`, `timeout` …
fn finished(bus: &mut Bus, job: &str) -> Result<String, Refusal> {
    loop {
        if let [_, path, _, result] = bus.signal("JobRemoved")?.texts("uoss").as_slice()
            && path == job
        {
            return Ok(result.clone());
        }
    }
}

/// In systemd's own hierarchy: v2, or the named one of v1.
fn verify(pid: i32, cgroup: &str) -> Result<(), Trouble> {
    let text = kernel_text(format!("/proc/{pid}/cgroup"))?;
    let found = text
        .lines()
        .find_map(|line| line.split_once(":name=systemd:"))
        .or_else(|| text.lines().find_map(|line| line.split_once("0::")))
        .map_or("", |(_, path)| path);
    if found == cgroup {
        return Ok(());
    }
    Err(Trouble::Detail(Errno::XDEV, format!("systemd put init into cgroup {found}, expected {cgroup}")))
}

fn words(bus: &str, refusal: Refusal) -> Trouble {
    match refusal {
        Refusal::Kernel(operation, errno) => {
            Trouble::Detail(errno, format!("unable to talk to systemd: {operation} {bus}: {errno}"))
        }
        Refusal::Silent => Trouble::Detail(
            Errno::TIMEDOUT,
            format!("unable to talk to systemd: the bus at {bus} does not answer within 10 s"),
        ),
        Refusal::Method(name, sentence) => Trouble::Detail(Errno::IO, format!("systemd refused: {sentence} ({name})")),
    }
}
