//! Which partition of its stream an event belongs to.

/// The partition of a key, from 0: its 32-bit FNV-1a hash, modulo the number of partitions.
///
/// It stands as the last token in the subject of an event whose stream is divided: `orders.order.created.5`. Publishers that
/// are not built from the catalog compute it like this; so does the server's own subject mapping, `{{partition(8,1)}}`.
///
/// ```
/// assert_eq!(tidings::partition("o-1", 8), 0);
/// assert_eq!(tidings::partition("0190b7a4-5c1e-7cc2-b1a2-3f6a5e0d9c11", 8), 2);
/// ```
///
/// Without partitions it is 0.
pub fn partition(key: &str, partitions: u16) -> u16 {
    let fold = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    let hash = key.bytes().fold(0x811c_9dc5, fold);
    u16::try_from(hash % u32::from(partitions.max(1))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::partition;

    /// The hashes are those of the algorithm's authors; the partitions must stay what they are for ever.
    #[test]
    fn a_key_stays_in_its_partition() {
        for (key, hash) in [("", 0x811c_9dc5_u32), ("a", 0xe40c_292c), ("foobar", 0xbf9c_f968)] {
            for partitions in [1, 8, 256] {
                assert_eq!(
                    u32::from(partition(key, partitions)),
                    hash % u32::from(partitions),
                    "{key}"
                );
            }
        }
        assert_eq!(partition("Grüße", 0), 0);
    }

    #[test]
    fn keys_are_spread_evenly() {
        let mut counts = [0; 8];
        for key in 0..8000 {
            counts[usize::from(partition(&format!("order-{key}"), 8))] += 1;
        }
        assert!(counts.iter().all(|count| (800..1200).contains(count)), "{counts:?}");
    }
}
