//! As much of D-Bus as systemd's manager asks for: one connection to a bus, method calls, and signals that are waited for.
use crate::start::with_address;
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{AddressFamily, SendFlags, SocketAddrUnix, SocketFlags, SocketType, connect, send, socket_with};
use serde_json::Value;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How long the bus, and what is on it, may take for everything together.
const PATIENCE: Duration = Duration::from_secs(10);
/// The specification's own limit is 128 MiB; nothing that we ask for has an answer of this size.
const LONGEST: usize = 1 << 20;

#[derive(Debug)]
pub enum Refusal {
    Kernel(&'static str, Errno),
    /// It did not answer in time, or not in D-Bus.
    Silent,
    /// An error of the called method: its name and its sentence.
    Method(String, String),
}

impl Refusal {
    fn of(operation: &'static str) -> impl Fn(Errno) -> Self {
        move |errno| if errno == Errno::AGAIN { Self::Silent } else { Self::Kernel(operation, errno) }
    }
}

/// A message as far as it is looked at: the texts and numbers at the beginning of its body.
pub struct Message {
    kind: u8,
    member: String,
    error: String,
    answers: u32,
    body: Vec<u8>,
}

pub struct Bus {
    socket: OwnedFd,
    serial: u32,
    deadline: Instant,
    received: Vec<u8>,
    signals: VecDeque<Message>,
}

/// Where a method is: destination, path, interface.
pub type Object = [&'static str; 3];

const DRIVER: Object = ["org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus"];

impl Bus {
    /// `address` is the path of a socket, or @ and an abstract name.
    pub fn connect_to(address: &str) -> Result<Self, Refusal> {
        let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)
            .map_err(Refusal::of("socket"))?;
        match address.strip_prefix('@') {
            Some(name) => SocketAddrUnix::new_abstract_name(name.as_bytes()).and_then(|to| connect(&socket, &to)),
            None => with_address(address, |to| connect(&socket, to)),
        }
        .map_err(Refusal::of("connect"))?;
        let deadline = Instant::now() + PATIENCE;
        let mut bus = Self { socket, serial: 0, deadline, received: Vec::new(), signals: VecDeque::new() };
        // an identity that is left out is the one that the kernel tells: right in every user namespace
        bus.send(b"\0AUTH EXTERNAL\r\nDATA\r\n")?;
        while !bus.received.ends_with(b"\r\n") || bus.received.iter().filter(|byte| **byte == b'\n').count() < 2 {
            if bus.received.starts_with(b"REJECTED") || bus.received.len() > 4096 {
                return Err(Refusal::Silent);
            }
            bus.receive()?;
        }
        bus.received.clear();
        bus.send(b"BEGIN\r\n")?;
        bus.call(DRIVER, "Hello", "", &[])?;
        Ok(bus)
    }

    /// Signals of this kind are kept for [`Self::signal`] from now on.
    pub fn listen(&mut self, rule: &str) -> Result<(), Refusal> {
        self.call(DRIVER, "AddMatch", "s", &[Value::from(rule)]).map(drop)
    }

    /// Calls a method and answers the message that it returns.
    pub fn call(&mut self, object: Object, method: &str, types: &str, values: &[Value]) -> Result<Message, Refusal> {
        self.serial += 1;
        let serial = self.serial;
        let message = encode(serial, object, method, types, values).ok_or(Refusal::Silent)?;
        self.send(&message)?;
        loop {
            let message = self.message()?;
            match message.kind {
                4 => self.signals.push_back(message),
                3 if message.answers == serial => {
                    let words = message.texts("s").into_iter().next().unwrap_or_default();
                    return Err(Refusal::Method(message.error, words));
                }
                2 if message.answers == serial => return Ok(message),
                _ => {}
            }
        }
    }

    /// The next signal of this name.
    pub fn signal(&mut self, member: &str) -> Result<Message, Refusal> {
        loop {
            let message = match self.signals.pop_front() {
                Some(message) => message,
                None => self.message()?,
            };
            if message.kind == 4 && message.member == member {
                return Ok(message);
            }
        }
    }

    fn limit(&self, which: Timeout) -> Result<(), Refusal> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Refusal::Silent);
        }
        set_socket_timeout(&self.socket, which, Some(left)).map_err(Refusal::of("setsockopt"))
    }

    fn send(&mut self, mut bytes: &[u8]) -> Result<(), Refusal> {
        while !bytes.is_empty() {
            self.limit(Timeout::Send)?;
            let sent = send(&self.socket, bytes, SendFlags::NOSIGNAL).map_err(Refusal::of("send"))?;
            bytes = bytes.get(sent..).unwrap_or_default();
        }
        Ok(())
    }

    fn receive(&mut self) -> Result<(), Refusal> {
        self.limit(Timeout::Recv)?;
        let mut buffer = [0; 4096];
        match rustix::io::read(&self.socket, &mut buffer).map_err(Refusal::of("read"))? {
            0 => Err(Refusal::Silent),
            count => {
                self.received.extend_from_slice(&buffer[..count]);
                Ok(())
            }
        }
    }

    fn message(&mut self) -> Result<Message, Refusal> {
        loop {
            if let Some(length) = length_of(&self.received) {
                if length > LONGEST || self.received.first() != Some(&b'l') {
                    return Err(Refusal::Silent);
                }
                if self.received.len() >= length {
                    let rest = self.received.split_off(length);
                    let bytes = std::mem::replace(&mut self.received, rest);
                    return decode(&bytes).ok_or(Refusal::Silent);
                }
            }
            self.receive()?;
        }
    }
}

impl Message {
    /// The texts of a body whose types begin with these: `s`, `o` and `u` are known.
    pub fn texts(&self, types: &str) -> Vec<String> {
        let mut from = Reader { bytes: &self.body, at: 0 };
        let mut found = Vec::new();
        for kind in types.chars() {
            let text = match kind {
                'u' => from.word().map(|number| number.to_string()),
                _ => from.text(),
            };
            match text {
                Some(text) => found.push(text),
                None => break,
            }
        }
        found
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn align(&mut self, to: usize) {
        self.at = self.at.next_multiple_of(to);
    }

    fn byte(&mut self) -> Option<u8> {
        self.at += 1;
        self.bytes.get(self.at - 1).copied()
    }

    fn word(&mut self) -> Option<u32> {
        self.align(4);
        let bytes = self.bytes.get(self.at..self.at + 4)?.try_into().ok()?;
        self.at += 4;
        Some(u32::from_le_bytes(bytes))
    }

    fn text(&mut self) -> Option<String> {
        let length = self.word()? as usize;
        self.letters(length)
    }

    fn letters(&mut self, length: usize) -> Option<String> {
        let bytes = self.bytes.get(self.at..self.at.checked_add(length)?)?;
        self.at += length + 1;
        String::from_utf8(bytes.to_vec()).ok()
    }
}

/// Of a whole message, as soon as its first 16 bytes are there.
fn length_of(bytes: &[u8]) -> Option<usize> {
    let word = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?) as usize);
    Some((16 + word(12)?).next_multiple_of(8) + word(4)?)
}

fn decode(bytes: &[u8]) -> Option<Message> {
    let mut from = Reader { bytes, at: 12 };
    let end = from.word()? as usize + 16;
    let mut message =
        Message { kind: *bytes.get(1)?, member: String::new(), error: String::new(), answers: 0, body: Vec::new() };
    loop {
        from.align(8);
        if from.at >= end {
            break;
        }
        // one field: a code, and a variant whose type is one letter
        let code = from.byte()?;
        let length = from.byte()? as usize;
        let kind = from.letters(length)?;
        match (code, kind.as_str()) {
            (3, "s") => message.member = from.text()?,
            (4, "s") => message.error = from.text()?,
            (5, "u") => message.answers = from.word()?,
            (_, "s" | "o") => drop(from.text()?),
            (_, "g") => {
                let length = from.byte()? as usize;
                from.letters(length)?;
            }
            (_, "u") => drop(from.word()?),
            _ => return None,
        }
    }
    message.body = bytes.get(end.next_multiple_of(8)..)?.to_vec();
    Some(message)
}

fn encode(serial: u32, object: Object, method: &str, types: &str, values: &[Value]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    put_all(&mut body, types, values)?;
    let mut out = vec![b'l', 1, 0, 1];
    out.extend_from_slice(&(body.len() as u32).to_le_bytes());
    out.extend_from_slice(&serial.to_le_bytes());
    let [destination, path, interface] = object;
    let mut fields = vec![(6, "s", destination), (1, "o", path), (2, "s", interface), (3, "s", method)];
    if !types.is_empty() {
        fields.push((8, "g", types));
    }
    let fields: Vec<Value> = fields
        .into_iter()
        .map(|(code, kind, text)| Value::from(vec![Value::from(code), Value::from(vec![kind, text])]))
        .collect();
    put(&mut out, "a(yv)", &Value::from(fields))?;
    pad(&mut out, 8);
    out.extend_from_slice(&body);
    Some(out)
}

fn put_all(out: &mut Vec<u8>, mut types: &str, values: &[Value]) -> Option<()> {
    for value in values {
        let (kind, rest) = first_type(types)?;
        put(out, kind, value)?;
        types = rest;
    }
    types.is_empty().then_some(())
}

/// Writes a value of one complete type. A variant is its type and its value; 64-bit numbers are decimal texts.
fn put(out: &mut Vec<u8>, kind: &str, value: &Value) -> Option<()> {
    pad(out, alignment(kind)?);
    match kind.as_bytes().first()? {
        b'y' => out.push(u8::try_from(value.as_u64()?).ok()?),
        b'b' => out.extend_from_slice(&u32::from(value.as_bool()?).to_le_bytes()),
        b'i' => out.extend_from_slice(&i32::try_from(value.as_i64()?).ok()?.to_le_bytes()),
        b'u' => out.extend_from_slice(&u32::try_from(value.as_u64()?).ok()?.to_le_bytes()),
        b'x' => out.extend_from_slice(&value.as_str()?.parse::<i64>().ok()?.to_le_bytes()),
        b't' => out.extend_from_slice(&value.as_str()?.parse::<u64>().ok()?.to_le_bytes()),
        b's' | b'o' => {
            let text = value.as_str()?;
            out.extend_from_slice(&(text.len() as u32).to_le_bytes());
            put_letters(out, text);
        }
        b'g' => {
            let text = value.as_str()?;
            out.push(u8::try_from(text.len()).ok()?);
            put_letters(out, text);
        }
        b'v' => {
            let [kind, value] = value.as_array()?.as_slice() else { return None };
            put(out, "g", kind)?;
            put(out, kind.as_str()?, value)?;
        }
        b'(' => put_all(out, kind.get(1..kind.len() - 1)?, value.as_array()?)?,
        b'a' => {
            let element = kind.get(1..)?;
            let place = out.len();
            out.extend_from_slice(&[0; 4]);
            // the length does not count what stands before the first element
            pad(out, alignment(element)?);
            let start = out.len();
            for value in value.as_array()? {
                put(out, element, value)?;
            }
            let length = (out.len() - start) as u32;
            out.get_mut(place..place + 4)?.copy_from_slice(&length.to_le_bytes());
        }
        _ => return None,
    }
    Some(())
}

fn put_letters(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
    out.push(0);
}

fn pad(out: &mut Vec<u8>, to: usize) {
    out.resize(out.len().next_multiple_of(to), 0);
}

fn alignment(kind: &str) -> Option<usize> {
    Some(match kind.as_bytes().first()? {
        b'y' | b'g' | b'v' => 1,
        b'b' | b'i' | b'u' | b's' | b'o' | b'a' => 4,
        b'x' | b't' | b'(' => 8,
        _ => return None,
    })
}

/// The first complete type of several, and the others.
fn first_type(types: &str) -> Option<(&str, &str)> {
    let mut depth = 0;
    for (index, letter) in types.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 && letter != 'a' {
            return types.split_at_checked(index + 1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_aligned_as_the_specification_says() {
        let mut out = vec![1];
        put(&mut out, "a(sv)", &json!([["A", ["t", "5"]]])).expect("a value");
        let expected: &[u8] =
            &[1, 0, 0, 0, 24, 0, 0, 0, 1, 0, 0, 0, b'A', 0, 1, b't', 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(out, expected);
    }

    #[test]
    fn a_message_is_read_as_it_was_written() {
        let bytes = encode(7, DRIVER, "AddMatch", "su", &[json!("rule"), json!(9)]).expect("a message");
        assert_eq!(length_of(&bytes), Some(bytes.len()));
        let message = decode(&bytes).expect("a message");
        assert_eq!((message.kind, message.member.as_str()), (1, "AddMatch"));
        assert_eq!(message.texts("su"), ["rule", "9"]);
    }

    #[test]
    fn values_of_other_types_are_refused() {
        for (kind, value) in
            [("u", json!("5")), ("t", json!(5)), ("as", json!("x")), ("d", json!(1)), ("(s)", json!([]))]
        {
            assert!(put(&mut Vec::new(), kind, &value).is_none(), "{kind} {value}");
        }
    }
}
