//! Decoding an encoding gives the message back.

use proptest::prelude::*;
use sovereign_core::wire::{Codec, FromClient, ToClient};

use crate::{samples, strategy};

#[test]
fn every_sample_survives_both_codecs() {
    for codec in Codec::ALL {
        for (name, message) in samples::from_client() {
            let frame = message.encode(codec);
            assert_eq!(FromClient::decode(frame.as_ref(), codec), Ok(message), "{name}");
        }
        for (name, message) in samples::to_client() {
            let frame = message.encode(codec);
            assert_eq!(ToClient::decode(frame.as_ref(), codec), Ok(message), "{name}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_message_of_a_client_survives(message in strategy::from_client()) {
        for codec in Codec::ALL {
            let frame = message.encode(codec);
            prop_assert_eq!(FromClient::decode(frame.as_ref(), codec), Ok(message.clone()));
        }
    }

    #[test]
    fn any_message_of_a_server_survives(message in strategy::to_client()) {
        for codec in Codec::ALL {
            let frame = message.encode(codec);
            prop_assert_eq!(ToClient::decode(frame.as_ref(), codec), Ok(message.clone()));
        }
    }
}
