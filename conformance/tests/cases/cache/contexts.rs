//! 110: the bytes of a context.

use resumption_session::SessionIdContext;

#[test]
fn case_110_a_context_has_at_most_32_bytes() {
    assert_eq!(SessionIdContext::new(&[7; 32]).unwrap().as_bytes(), [7; 32]);
    let refused = SessionIdContext::new(&[7; 33]).unwrap_err();
    assert!(refused.to_string().contains("33"), "{refused}");
    assert_eq!(SessionIdContext::new(b"").unwrap(), SessionIdContext::EMPTY);
}
