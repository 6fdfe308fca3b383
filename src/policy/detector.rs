//! The words of `masking[].detect`: one for each family or group of families.

use serde_json::Value as Json;

use super::form::{Form, Reading, word, wrong_word};
use super::report::Place;
use super::tree::Node;

macro_rules! detectors {
    ($( $(#[doc = $doc:literal])* $word:literal => $name:ident, )*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Detector {
            $( $(#[doc = $doc])* $name, )*
        }

        impl Detector {
            /// Every word, in the order of the catalogue.
            pub const ALL: &[Detector] = &[$(Detector::$name),*];

            /// As policies write it.
            pub fn word(self) -> &'static str {
                match self {
                    $( Detector::$name => $word, )*
                }
            }
        }
    };
}

detectors! {
    "credit_card" => CreditCard,
    "us_ssn" => UsSsn,
    "iban" => Iban,
    "email" => Email,
    "aws_access_key" => AwsAccessKey,
    "github_token" => GithubToken,
    "slack_token" => SlackToken,
    "google_api_key" => GoogleApiKey,
    "stripe_key" => StripeKey,
    "jwt" => Jwt,
    "private_key" => PrivateKey,
    "database_url" => DatabaseUrl,
    /// Clouds and hosting; with `aws_access_key` and `google_api_key`.
    "cloud_keys" => CloudKeys,
    /// Repositories and what runs on them; with `github_token`.
    "source_control_tokens" => SourceControlTokens,
    /// Package and container registries.
    "registry_tokens" => RegistryTokens,
    /// Secret stores, configuration, access to machines.
    "infrastructure_tokens" => InfrastructureTokens,
    /// Model providers.
    "ai_keys" => AiKeys,
    /// Payments and shops; with `stripe_key`.
    "payment_keys" => PaymentKeys,
    /// Messengers and telephony; with `slack_token`.
    "chat_tokens" => ChatTokens,
    /// Services that send mail.
    "mail_service_keys" => MailServiceKeys,
    /// Metrics, logs, errors, feature flags.
    "monitoring_keys" => MonitoringKeys,
    /// Other services.
    "saas_tokens" => SaasTokens,
    /// Passwords in URLs of any scheme that `database_url` does not know.
    "url_password" => UrlPassword,
    /// What follows `Authorization:`, `Bearer` or `curl -u`.
    "authorization_header" => AuthorizationHeader,
    /// Values assigned to names such as `password`, `api_key`, `clientSecret`.
    "generic_secret" => GenericSecret,
    /// All credentials above, `aws_access_key` to `generic_secret`.
    "secrets" => Secrets,
    /// `+` and a country code.
    "phone" => Phone,
    "us_phone" => UsPhone,
    "uk_phone" => UkPhone,
    "de_phone" => DePhone,
    "fr_phone" => FrPhone,
    "es_phone" => EsPhone,
    "it_phone" => ItPhone,
    "nl_phone" => NlPhone,
    "in_phone" => InPhone,
    "au_phone" => AuPhone,
    "br_phone" => BrPhone,
    "jp_phone" => JpPhone,
    /// National forms of all countries known, and `phone`.
    "phones" => Phones,
    "ip_address" => IpAddress,
    "mac_address" => MacAddress,
    /// Addresses of wallets.
    "crypto_address" => CryptoAddress,
    "date_of_birth" => DateOfBirth,
    "vin" => Vin,
    "us_itin" => UsItin,
    "us_npi" => UsNpi,
    "us_dea" => UsDea,
    "us_mbi" => UsMbi,
    "us_bank_routing" => UsBankRouting,
    "ca_sin" => CaSin,
    "br_cpf" => BrCpf,
    "br_cnpj" => BrCnpj,
    "ar_cuit" => ArCuit,
    "cl_rut" => ClRut,
    "mx_curp" => MxCurp,
    "uk_nhs" => UkNhs,
    "uk_nino" => UkNino,
    "de_tax_id" => DeTaxId,
    "de_social_security" => DeSocialSecurity,
    "fr_nir" => FrNir,
    "es_nif" => EsNif,
    "es_nie" => EsNie,
    "it_fiscal_code" => ItFiscalCode,
    "it_vat_code" => ItVatCode,
    "nl_bsn" => NlBsn,
    "be_nrn" => BeNrn,
    "pt_nif" => PtNif,
    "ch_ahv" => ChAhv,
    "at_svnr" => AtSvnr,
    "ie_pps" => IePps,
    "gr_afm" => GrAfm,
    "se_personnummer" => SePersonnummer,
    "no_fodselsnummer" => NoFodselsnummer,
    "dk_cpr" => DkCpr,
    "fi_hetu" => FiHetu,
    "is_kennitala" => IsKennitala,
    "ee_personal_code" => EePersonalCode,
    "lt_personal_code" => LtPersonalCode,
    "lv_personal_code" => LvPersonalCode,
    "pl_pesel" => PlPesel,
    "cz_birth_number" => CzBirthNumber,
    "ro_cnp" => RoCnp,
    "bg_egn" => BgEgn,
    "hr_oib" => HrOib,
    "si_emso" => SiEmso,
    "hu_taj" => HuTaj,
    "ru_snils" => RuSnils,
    "ua_rnokpp" => UaRnokpp,
    "tr_national_id" => TrNationalId,
    "in_aadhaar" => InAadhaar,
    "in_pan" => InPan,
    "cn_resident_id" => CnResidentId,
    "jp_my_number" => JpMyNumber,
    "kr_rrn" => KrRrn,
    "tw_id" => TwId,
    "sg_nric" => SgNric,
    "th_id" => ThId,
    "my_nric" => MyNric,
    "hk_id" => HkId,
    "il_id" => IlId,
    "au_tfn" => AuTfn,
    "au_abn" => AuAbn,
    "au_medicare" => AuMedicare,
    "nz_ird" => NzIrd,
    "za_id" => ZaId,
    /// All identifiers of states, `us_ssn` and those above, `us_itin` to `za_id`.
    "national_ids" => NationalIds,
}

impl Detector {
    /// By its word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|detector| detector.word() == word)
    }

    /// What it stands for besides what it finds under its own word.
    pub fn also(self) -> Vec<Self> {
        Self::ALL.iter().copied().filter(|other| *other != self && self.covers(*other)).collect()
    }

    /// Whether what `other` finds is found by this one, too. Groups stand together in the catalogue's order.
    pub fn covers(self, other: Self) -> bool {
        let is_of_group = match self {
            Self::CloudKeys => matches!(other, Self::AwsAccessKey | Self::GoogleApiKey),
            Self::SourceControlTokens => other == Self::GithubToken,
            Self::PaymentKeys => other == Self::StripeKey,
            Self::ChatTokens => other == Self::SlackToken,
            Self::Secrets => (Self::AwsAccessKey..=Self::GenericSecret).contains(&other),
            Self::Phones => (Self::Phone..=Self::JpPhone).contains(&other),
            Self::NationalIds => other == Self::UsSsn || (Self::UsItin..=Self::ZaId).contains(&other),
            _ => false,
        };
        self == other || is_of_group
    }
}

impl Form for Detector {
    fn read(node: &Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self> {
        let found = word(node);
        let known = Self::ALL.iter().find(|detector| Some(detector.word()) == found);
        if known.is_none() {
            let words: Vec<&str> = Self::ALL.iter().map(|detector| detector.word()).collect();
            wrong_word(node, found, &words, at, reading);
        }
        known.copied()
    }

    fn schema() -> Json {
        serde_json::json!({ "enum": Self::ALL.iter().map(|detector| detector.word()).collect::<Vec<_>>() })
    }
}
