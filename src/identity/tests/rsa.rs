//! An RSA key made for these tests, because making one takes ten seconds in a debug build. It guards nothing.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The private key as PKCS #8 DER.
pub(super) fn der() -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(LINES.concat()).unwrap()
}

const LINES: [&str; 18] = [
    "MII",
    "EvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQDg5xGktuXsR3YN3rlNK6Dy8DdpV6G9Yw-7s9evXBSuB6HfYXth",
    "6DFYDFDAjigClvGdwk1DFB89Gc1iYggYbx8mpxNX-fy-4f606yLmZPAXNTGBeUtRciyyMSfDRpkR3ulF_V8lZVyablLL7Gw6uKY-",
    "F-Lh4CW2JjpjVT81l61EPVjFZYok6gHmao7CljbKu_HctSCB4InQGYOJRnE5GOW5A5H3SCrdFd2GCt-C3VxelLWUN4q3tsOwswU0",
    "UImbzPpjbHoZo2Sf3lY1Ker9xyhxcLdKupYVrip-M2e1i4g__PhMLMFZY8p9SJyvm7x1FJ_NhBPR-LxvhfWlMMBVhX9vAgMBAAEC",
    "ggEACve5yIqS0974RtzhtH24L6C_UwfO_2lhTwoKLqcS6xm8LySV28RzA5Q2K-3Czb2GsubS1b6Zd2VWusGFG4vvvPbQ3q12QejL",
    "fw8oeIvbmYYij-nWXnZu75GuGrvKozB3t84PYcd7qJxQtVkmPgbbNJP9oH5J2IQsvMNffcGT1YwA6HrTCAlTcsUi2ITxyHtqpV2Y",
    "HNJGch2lajYK_BkE_jAD90GG9ybEdjCaKNkbaOstGvfQOhhYyNMwABoYDOb6EelRbiM5BuSaposHnVu3cRIYBizMMaqcmX_O0U_m",
    "EIv7HsI74FbLVE01JXqaOjB9aaGzRAeKoCKsEuDTxzt-wQKBgQD5f-0U-KAs7BcovuQIdaCGGrzcNQX4bI_v0Nq5DySXzHR1UkoR",
    "6G5AEVGLH_NUw5GADDAmUgSMwj_bkz9lUxCdkMukRguCrTXXQILIRPbhAYYJ7GD89ZVsJ8wVdDQFAhfO-xFCqM8dCJcWT143WZPa",
    "Q8mrIY7v9LpeQTC-pKdI5wKBgQDmwxbGU1lAn-0PsbC3B3lePPv-Qmjiazg7nycO0ioLWCIA0_jLC0OuXEnNYbD6TozRtw3dWxO0",
    "wUaPks00YnIcq-ioX45WZ3lF_iFbFNJ1MP7GVpg09opN3jiEd-mqS4IvL1tdKXpuaMuuh_12oEBnK5n6AywRtkkr7qlJIqscOQKB",
    "gAXHbshjkeI4fbjV4xZHEzbH-8Pl_oNokFTvs4FB1okllTT6ePi9N4CIZikgzlQSS5Z5scvRboWMIkqFuJwyNlpP9keRz8ZxGKQp",
    "vF3DKyy_CknEjeKOFa3xpgqBLItJJyAGNLokiteTUVyU7gu-KWyO0WcDWfo44vA39lcUHUPVAoGBAJxEKDwNXTdiFUq3bY_EQ_AJ",
    "JCw-FICfUuktEWn77_TWrdAZuzTkX-THIkMukIYwgzPQ3lazwlh5OasoIkYDFHtN_rNmYiEo2PsI6NWg-BPcJetx4IidG3M3tNYf",
    "zeBAWdxSGXCxEfOKi8OY249lXbd_0zl2xHUKF-rkJ0cbbvwhAoGBAIzLRaPbIvWk9yb4wFeWOxiq4LGKDLC-F07I-xZEeYssL2HJ",
    "eAJ5nywrN6ZNiMv8uuskS-2Wb7i17mTpOqDEjUDUQ6xkgPnz7k1L3p5Zl9EGBiyIbKRxa45YM6-_nQaN_BQfr_rQZvubdBH6TJW0",
    "j8bWPUKeDsnB1ov6G63LAt1x",
];
