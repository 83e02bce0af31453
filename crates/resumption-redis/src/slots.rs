//! Redis Cluster's 16384 slots: which a key is in, and who has it.

use redis::Value;

use crate::address::Endpoint;

/// How many slots there are (Redis Cluster specification).
pub(crate) const SLOTS: u16 = 16384;

/// The slot of a key without braces.
pub(crate) fn slot_of(key: &str) -> u16 {
    crc16(key.as_bytes()) % SLOTS
}

/// CRC-16/XMODEM, as the specification has it.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        let index = usize::from((crc >> 8) as u8 ^ byte);
        (crc << 8) ^ TABLE[index]
    })
}

const TABLE: [u16; 256] = {
    let mut table = [0; 256];
    let mut index = 0_u16;
    while index < 256 {
        let mut crc = index << 8;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 };
            bit += 1;
        }
        table[index as usize] = crc;
        index += 1;
    }
    table
};

/// Who has which slots: the ranges of the primaries, by their first slots.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct SlotMap {
    ranges: Vec<Range>,
    servers: Vec<Endpoint>,
}

#[derive(Debug, Eq, PartialEq)]
struct Range {
    first: u16,
    last: u16,
    primary: Endpoint,
}

impl SlotMap {
    /// Reads the answer to CLUSTER SLOTS that `asked` gave: it may leave its own name out.
    pub(crate) fn parse(answer: Value, asked: &Endpoint) -> Option<Self> {
        let Value::Array(rows) = answer else { return None };
        let mut ranges = Vec::with_capacity(rows.len());
        let mut servers = Vec::new();
        for row in rows {
            let Value::Array(row) = row else { return None };
            let mut row = row.into_iter();
            let (first, last) = (slot(&row.next()?)?, slot(&row.next()?)?);
            let mut nodes = row.map(|node| server(node, asked));
            // A range whose primary has no known address is nobody's for now.
            if let Some(primary) = nodes.next()? {
                servers.push(primary.clone());
                ranges.push(Range { first, last, primary });
            }
            servers.extend(nodes.flatten());
        }
        ranges.sort_by_key(|range| range.first);
        servers.sort();
        servers.dedup();
        (!ranges.is_empty()).then_some(Self { ranges, servers })
    }

    /// The primary that has `slot`.
    pub(crate) fn primary(&self, slot: u16) -> Option<&Endpoint> {
        let after = self.ranges.partition_point(|range| range.first <= slot);
        let range = self.ranges.get(after.checked_sub(1)?)?;
        (slot <= range.last).then_some(&range.primary)
    }

    /// Primaries and replicas: all can be asked about the cluster.
    pub(crate) fn servers(&self) -> &[Endpoint] {
        &self.servers
    }
}

fn slot(value: &Value) -> Option<u16> {
    let Value::Int(number) = value else { return None };
    u16::try_from(*number).ok().filter(|slot| *slot < SLOTS)
}

/// A server in `[host, port, id, …]`. No host means the one that was asked, `?` that it is not known.
fn server(node: Value, asked: &Endpoint) -> Option<Endpoint> {
    let Value::Array(node) = node else { return None };
    let mut node = node.into_iter();
    let host = match node.next()? {
        Value::BulkString(host) => String::from_utf8(host).ok()?,
        Value::Nil => String::new(),
        _ => return None,
    };
    let Value::Int(port) = node.next()? else { return None };
    let port = u16::try_from(port).ok().filter(|port| *port != 0)?;
    match host.as_str() {
        "?" => None,
        _ => Some(Endpoint::new(host, port).or_at(asked)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values of the specification, and of `CLUSTER KEYSLOT`.
    #[test]
    fn keys_are_in_the_slots_that_the_specification_says() {
        assert_eq!(crc16(b"123456789"), 0x31C3);
        assert_eq!(slot_of("foo"), 12182);
        assert_eq!(slot_of(""), 0);
    }

    fn text(text: &str) -> Value {
        Value::BulkString(text.as_bytes().to_vec())
    }

    fn node(host: Value, port: i64) -> Value {
        Value::Array(vec![host, Value::Int(port), text("id"), Value::Array(vec![])])
    }

    fn row(first: i64, last: i64, nodes: Vec<Value>) -> Value {
        let mut row = vec![Value::Int(first), Value::Int(last)];
        row.extend(nodes);
        Value::Array(row)
    }

    #[test]
    fn every_slot_has_its_primary_or_none() {
        let asked = Endpoint::new("asked", 1);
        let answer = Value::Array(vec![
            row(8000, 16383, vec![node(Value::Nil, 3)]),
            row(0, 99, vec![node(text("a"), 1), node(text("b"), 2)]),
            row(100, 199, vec![node(text("?"), 1)]),
        ]);
        let map = SlotMap::parse(answer, &asked).expect("valid");
        assert_eq!(map.primary(0), Some(&Endpoint::new("a", 1)));
        assert_eq!(map.primary(99), Some(&Endpoint::new("a", 1)));
        assert_eq!(map.primary(100), None, "its primary is not known");
        assert_eq!(map.primary(7999), None, "nobody's");
        assert_eq!(map.primary(16383), Some(&Endpoint::new("asked", 3)));
        assert_eq!(map.servers().len(), 3);
    }

    #[test]
    fn what_is_no_map_is_none() {
        let asked = Endpoint::new("asked", 1);
        for answer in [
            Value::Nil,
            Value::Array(vec![]),
            Value::Array(vec![Value::Int(1)]),
            Value::Array(vec![row(0, 16384, vec![node(text("a"), 1)])]),
            Value::Array(vec![row(-1, 1, vec![node(text("a"), 1)])]),
            Value::Array(vec![row(0, 1, vec![])]),
            Value::Array(vec![row(0, 1, vec![node(text("a"), 65536)])]),
        ] {
            assert_eq!(SlotMap::parse(answer.clone(), &asked), None, "{answer:?}");
        }
    }
}
