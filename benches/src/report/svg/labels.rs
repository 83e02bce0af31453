//! Names beside the ends of lines, moved apart where they would lie on each other.

/// The heights for names that want to stand at `wanted`: at least `gap` apart, between `top` and
/// `bottom`, in the same order, and as near as a single pass each way gets them.
pub(super) fn spread(wanted: &[f64], gap: f64, top: f64, bottom: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|one, other| wanted[*one].total_cmp(&wanted[*other]));
    let mut heights = wanted.to_vec();
    let mut free = top;
    for &index in &order {
        heights[index] = heights[index].max(free);
        free = heights[index] + gap;
    }
    let mut free = bottom;
    for &index in order.iter().rev() {
        heights[index] = heights[index].min(free);
        free = heights[index] - gap;
    }
    heights
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_apart_in_order_and_inside() {
        let wanted = [50.0, 50.0, 51.0, 10.0, 99.0, 98.0];
        let heights = spread(&wanted, 12.0, 10.0, 100.0);
        let mut pairs: Vec<_> = wanted.iter().zip(&heights).collect();
        pairs.sort_by(|one, other| one.1.total_cmp(other.1));
        for pair in pairs.windows(2) {
            assert!(pair[1].1 - pair[0].1 >= 12.0 - 1e-9, "{heights:?}");
            assert!(pair[1].0 >= pair[0].0, "{heights:?}");
        }
        assert!(heights.iter().all(|height| (10.0..=100.0).contains(height)), "{heights:?}");
    }
}
