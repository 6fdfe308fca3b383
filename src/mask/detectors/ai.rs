//! Keys of model providers and of what is used beside them.

use super::shape::{ALNUM, HEX, LETTER, LOWER, Piece, Shape, UPPER, URL64, WORD};
use super::{Family, Tail, Trigger};
use crate::policy::Detector;

pub(super) const FAMILIES: &[Family] = &[
    Family::token(
        Detector::AiKeys,
        "openai_key",
        &[Trigger::Shapes(&[
            Shape::new("sk-proj-", &[Piece::Run(&URL64, 20, 300)]).disorder(3.0).endless(Tail::Token).proof(is_openai),
            Shape::new("sk-svcacct-", &[Piece::Run(&URL64, 20, 300)]).disorder(3.0).endless(Tail::Token).proof(is_openai),
            Shape::new("sk-admin-", &[Piece::Run(&URL64, 20, 300)]).disorder(3.0).endless(Tail::Token).proof(is_openai),
            Shape::new("sk-None-", &[Piece::Run(&URL64, 20, 300)]).disorder(3.0).endless(Tail::Token).proof(is_openai),
            Shape::new("sk-", &[Piece::Run(&ALNUM, 20, 20), Piece::Text("T3BlbkFJ"), Piece::Run(&ALNUM, 20, 20)]),
        ])],
        "platform.openai.com/docs",
    ),
    Family::token(
        Detector::AiKeys,
        "anthropic_key",
        &[Trigger::Shapes(&[
            Shape::new("sk-ant-api03-", &[Piece::Run(&URL64, 90, 100)]).proof(ends_with_aa),
            Shape::new("sk-ant-admin01-", &[Piece::Run(&URL64, 90, 100)]).proof(ends_with_aa),
            Shape::new("sk-ant-oat01-", &[Piece::Run(&URL64, 80, 120)]),
            Shape::new("sk-ant-ort01-", &[Piece::Run(&URL64, 80, 120)]),
            Shape::new("sk-ant-sid01-", &[Piece::Run(&URL64, 80, 140)]),
        ])],
        "docs.anthropic.com",
    ),
    Family::token(
        Detector::AiKeys,
        "openrouter_key",
        &[Trigger::Shapes(&[Shape::new("sk-or-v1-", &[Piece::Run(&HEX, 64, 64)])])],
        "openrouter.ai/docs",
    ),
    Family::token(
        Detector::AiKeys,
        "langfuse_key",
        &[Trigger::Shapes(&[Shape::new("sk-lf-", &[Piece::Uuid]), Shape::new("pk-lf-", &[Piece::Uuid])])],
        "langfuse.com/docs",
    ),
    Family::token(
        Detector::AiKeys,
        "model_api_key",
        &[Trigger::Shapes(&[
            Shape::new("sk-", &[Piece::Run(&HEX, 32, 32)]).disorder(3.0),
            Shape::new("sk-", &[Piece::Run(&ALNUM, 48, 48)]).disorder(3.5).proof(is_not_openai),
            Shape::new("sk-", &[Piece::Run(&ALNUM, 51, 51)]).disorder(3.5).proof(is_not_openai),
            Shape::new("csk-", &[Piece::Run(&LOWER, 48, 48)]).disorder(3.3),
        ])],
        "api-docs.deepseek.com; platform.moonshot.ai; cerebras.ai",
    ),
    Family::token(
        Detector::AiKeys,
        "huggingface_token",
        &[Trigger::Shapes(&[
            Shape::new("hf_", &[Piece::Run(&ALNUM, 34, 40)]).disorder(3.2),
            Shape::new("api_org_", &[Piece::Run(&LETTER, 34, 34)]).disorder(3.2),
        ])],
        "huggingface.co/docs",
    ),
    Family::token(
        Detector::AiKeys,
        "groq_key",
        &[Trigger::Shapes(&[Shape::new("gsk_", &[Piece::Run(&ALNUM, 52, 52)])])],
        "console.groq.com/docs",
    ),
    Family::token(Detector::AiKeys, "xai_key", &[Trigger::Shapes(&[Shape::new("xai-", &[Piece::Run(&URL64, 70, 90)])])], "docs.x.ai"),
    Family::token(
        Detector::AiKeys,
        "perplexity_key",
        &[Trigger::Shapes(&[Shape::new("pplx-", &[Piece::Run(&ALNUM, 48, 56)])])],
        "docs.perplexity.ai",
    ),
    Family::token(
        Detector::AiKeys,
        "replicate_token",
        &[Trigger::Shapes(&[Shape::new("r8_", &[Piece::Run(&URL64, 37, 37)])])],
        "replicate.com/docs",
    ),
    Family::token(
        Detector::AiKeys,
        "elevenlabs_key",
        &[Trigger::Shapes(&[Shape::new("sk_", &[Piece::Run(&HEX, 48, 48)])])],
        "elevenlabs.io/docs",
    ),
    Family::token(
        Detector::AiKeys,
        "pinecone_key",
        &[Trigger::Shapes(&[Shape::new("pcsk_", &[Piece::Run(&URL64, 40, 80)])])],
        "docs.pinecone.io",
    ),
    Family::token(
        Detector::AiKeys,
        "langsmith_key",
        &[Trigger::Shapes(&[
            Shape::new("lsv2_pt_", &[Piece::Run(&HEX, 32, 32), Piece::Text("_"), Piece::Run(&HEX, 10, 10)]),
            Shape::new("lsv2_sk_", &[Piece::Run(&HEX, 32, 32), Piece::Text("_"), Piece::Run(&HEX, 10, 10)]),
            Shape::new("ls__", &[Piece::Run(&HEX, 32, 32)]),
        ])],
        "docs.smith.langchain.com",
    ),
    Family::token(
        Detector::AiKeys,
        "nvidia_key",
        &[Trigger::Shapes(&[Shape::new("nvapi-", &[Piece::Run(&URL64, 60, 80)])])],
        "docs.api.nvidia.com",
    ),
    Family::token(
        Detector::AiKeys,
        "tavily_key",
        &[Trigger::Shapes(&[Shape::new("tvly-", &[Piece::Run(&URL64, 20, 60)])])],
        "docs.tavily.com",
    ),
    Family::token(
        Detector::AiKeys,
        "voyage_key",
        &[Trigger::Shapes(&[Shape::new("pa-", &[Piece::Run(&URL64, 43, 43)]).disorder(4.0)])],
        "docs.voyageai.com",
    ),
    Family::token(
        Detector::AiKeys,
        "together_key",
        &[Trigger::Shapes(&[Shape::new("tgp_v1_", &[Piece::Run(&URL64, 43, 43)])])],
        "docs.together.ai",
    ),
    Family::token(
        Detector::AiKeys,
        "anyscale_key",
        &[Trigger::Shapes(&[Shape::new("esecret_", &[Piece::Run(&ALNUM, 24, 40)])])],
        "docs.anyscale.com",
    ),
    Family::token(
        Detector::AiKeys,
        "llama_cloud_key",
        &[Trigger::Shapes(&[Shape::new("llx-", &[Piece::Run(&ALNUM, 48, 48)])])],
        "docs.cloud.llamaindex.ai",
    ),
    Family::token(Detector::AiKeys, "jina_key", &[Trigger::Shapes(&[Shape::new("jina_", &[Piece::Run(&ALNUM, 40, 80)])])], "jina.ai"),
    Family::token(
        Detector::AiKeys,
        "fireworks_key",
        &[Trigger::Shapes(&[Shape::new("fw_", &[Piece::Run(&ALNUM, 22, 24)])])],
        "docs.fireworks.ai",
    ),
    Family::token(
        Detector::AiKeys,
        "apify_token",
        &[Trigger::Shapes(&[Shape::new("apify_api_", &[Piece::Run(&ALNUM, 36, 36)])])],
        "docs.apify.com",
    ),
    Family::token(
        Detector::AiKeys,
        "firecrawl_key",
        &[Trigger::Shapes(&[Shape::new("fc-", &[Piece::Run(&HEX, 32, 32)])])],
        "docs.firecrawl.dev",
    ),
    Family::token(Detector::AiKeys, "e2b_key", &[Trigger::Shapes(&[Shape::new("e2b_", &[Piece::Run(&HEX, 40, 40)])])], "e2b.dev/docs"),
    Family::token(
        Detector::AiKeys,
        "wandb_key",
        &[Trigger::Shapes(&[Shape::new("wandb_v1_", &[Piece::Run(&WORD, 60, 100)])])],
        "docs.wandb.ai",
    ),
    Family::token(
        Detector::AiKeys,
        "runpod_key",
        &[Trigger::Shapes(&[Shape::new("rpa_", &[Piece::Run(&UPPER, 40, 60)]), Shape::new("rpa_", &[Piece::Run(&ALNUM, 42, 60)])])],
        "docs.runpod.io",
    ),
    Family::token(
        Detector::AiKeys,
        "kaggle_token",
        &[Trigger::Shapes(&[Shape::new("KGAT_", &[Piece::Run(&HEX, 32, 32)])])],
        "kaggle.com/docs/api",
    ),
    Family::token(
        Detector::AiKeys,
        "browserbase_key",
        &[Trigger::Shapes(&[Shape::new("bb_live_", &[Piece::Run(&URL64, 24, 40)]), Shape::new("bb_test_", &[Piece::Run(&URL64, 24, 40)])])],
        "docs.browserbase.com",
    ),
    Family::token(
        Detector::AiKeys,
        "helicone_key",
        &[Trigger::Shapes(&[Shape::new(
            "sk-helicone-",
            &[
                Piece::Run(&LOWER, 7, 7),
                Piece::Text("-"),
                Piece::Run(&LOWER, 7, 7),
                Piece::Text("-"),
                Piece::Run(&LOWER, 7, 7),
                Piece::Text("-"),
                Piece::Run(&LOWER, 7, 7),
            ],
        )])],
        "docs.helicone.ai",
    ),
    Family::token(
        Detector::AiKeys,
        "coze_token",
        &[Trigger::Shapes(&[Shape::new("pat_", &[Piece::Run(&ALNUM, 64, 64)])])],
        "coze.com/docs",
    ),
    Family::token(
        Detector::AiKeys,
        "cartesia_key",
        &[Trigger::Shapes(&[Shape::new("sk_car_", &[Piece::Run(&URL64, 20, 40)])])],
        "docs.cartesia.ai",
    ),
];

/// All keys have `OpenAI` in base64 in the middle, and only the first sign of a missing letter is no key.
fn is_openai(key: &[u8]) -> bool {
    key.windows(8).any(|part| part == b"T3BlbkFJ")
}

fn is_not_openai(key: &[u8]) -> bool {
    !is_openai(key)
}

/// The checksum's last bits.
fn ends_with_aa(key: &[u8]) -> bool {
    key.ends_with(b"AA")
}
