//! How call queues and ring groups look: their bodies are alike but for the settings, which are listed here once for each.

use jackfield_directory::SeenTeam;
use jackfield_domain::{
    Blob, CallQueueSettings, CallQueueSettingsPatch, CallbackMode, Field, InformPosition, IntroType,
    MissedAction, NewTeam, Patch, Result, RingGroupSettings, RingGroupSettingsPatch, Strategy, Team,
    TeamPatch, Violations,
};
use jackfield_edge::{Input, conclude};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    blobs,
    caller_ids::{CallerIdInput, PlainCallerIdWire},
    id,
    team_rules::{
        GroupRuleWire, QUEUE_ACTIONS, QUEUE_STRATEGIES, QueueRuleWire, QueueStrategyWord, RuleInput, rule,
    },
    words::{CallbackModeWord, InformPositionWord, IntroTypeWord, StrategyWord, Worded},
};

/// The value of a change to something that has just been made.
fn first<T>(patch: Patch<T>, default: T) -> T {
    match patch {
        Patch::Set(value) => value,
        Patch::Keep => default,
    }
}

/// The id of a file as the directory writes it. What is none stays as it is, and names no file.
fn file_id(text: String) -> String {
    id::read(&text).map_or(text, |id| id.to_string())
}

/// What is shown of a file that callers hear.
struct Prompt {
    name: String,
    size: Option<i64>,
    url: String,
}

impl From<Option<&Blob>> for Prompt {
    fn from(file: Option<&Blob>) -> Self {
        Self {
            name: file.map(|file| file.name.clone()).unwrap_or_default(),
            size: file.map(|file| i64::try_from(file.size).unwrap_or(i64::MAX)),
            url: file.map(|file| blobs::url(&file.key)).unwrap_or_default(),
        }
    }
}

/// The members of a team's bodies. `need` and `required` say whether one has to be given when a team is made; `files` have
/// an id in requests, and a name, a size and an address in answers.
macro_rules! team_wire {
    (
        $settings:ident $patch:ident;
        $(#[doc = $cdoc:literal])* create $create:ident;
        $(#[doc = $udoc:literal])* update $update:ident;
        $(#[doc = $adoc:literal])* answer $answer:ident;
        rule $rule:ident $actions:expr;
        choices { $($(#[doc = $chdoc:literal])* $choice:ident: $word:ident = $chfield:ident, $words:expr, $need:ident, $required:tt;)* }
        numbers { $($(#[doc = $ndoc:literal])* $number:ident = $nfield:ident, $least:tt to $most:tt, $ndefault:tt;)* }
        texts { $($(#[doc = $tdoc:literal])* $text:ident = $tfield:ident, $length:tt;)* }
        files { $($(#[doc = $fidoc:literal])* $file_id:ident $file:ident = $fifield:ident, $file_name:ident $file_size:ident $file_url:ident;)* }
        flags { $($(#[doc = $fdoc:literal])* $flag:ident = $ffield:ident, $fdefault:tt;)* }
    ) => {
        $(#[doc = $cdoc])*
        #[derive(Default, Deserialize, ToSchema)]
        pub(crate) struct $create {
            /// Its name.
            #[serde(default)]
            #[schema(value_type = String, required = true, min_length = 1, max_length = 64)]
            name: Input<String>,
            /// Its number: no extension, queue, ring group or meeting of the tenant has the same. It never changes.
            #[serde(default)]
            #[schema(value_type = String, required = true, min_length = 3, max_length = 64, pattern = "^[0-9]{3,64}$")]
            extension_number: Input<String>,
            $($(#[doc = $chdoc])* #[serde(default)] #[schema(value_type = $word, required = $required)] $choice: Input<String>,)*
            $($(#[doc = $ndoc])* #[serde(default)] #[schema(value_type = i32, required = false, minimum = $least, maximum = $most, default = $ndefault)] $number: Input<i64>,)*
            $($(#[doc = $tdoc])* #[serde(default)] #[schema(value_type = String, required = false, max_length = $length)] $text: Input<String>,)*
            $($(#[doc = $fidoc])* #[serde(default)] #[schema(value_type = String, required = false, max_length = 64)] $file_id: Input<String>,)*
            $($(#[doc = $fdoc])* #[serde(default)] #[schema(value_type = bool, required = false, default = $fdefault)] $flag: Input<bool>,)*
            /// What happens when nobody answers in time.
            #[serde(default)]
            #[schema(value_type = $rule, required = false)]
            no_answer_forward_rule: Input<RuleInput>,
            /// What happens in night mode.
            #[serde(default)]
            #[schema(value_type = $rule, required = false)]
            night_mode_forward_rule: Input<RuleInput>,
            /// The caller ids that its calls may show.
            #[serde(default)]
            #[schema(value_type = Vec<PlainCallerIdWire>, required = false, max_items = 100)]
            outbound_caller_ids: Input<Vec<Input<CallerIdInput>>>,
        }

        $(#[doc = $udoc])*
        #[derive(Default, Deserialize, ToSchema)]
        pub(crate) struct $update {
            /// Its name.
            #[serde(default)]
            #[schema(value_type = String, required = false, min_length = 1, max_length = 64)]
            name: Input<String>,
            $($(#[doc = $chdoc])* #[serde(default)] #[schema(value_type = $word, required = false)] $choice: Input<String>,)*
            $($(#[doc = $ndoc])* #[serde(default)] #[schema(value_type = i32, required = false, minimum = $least, maximum = $most)] $number: Input<i64>,)*
            $($(#[doc = $tdoc])* #[serde(default)] #[schema(value_type = String, required = false, max_length = $length)] $text: Input<String>,)*
            $($(#[doc = $fidoc])* #[serde(default)] #[schema(value_type = String, required = false, max_length = 64)] $file_id: Input<String>,)*
            $($(#[doc = $fdoc])* #[serde(default)] #[schema(value_type = bool, required = false)] $flag: Input<bool>,)*
            /// What happens when nobody answers in time.
            #[serde(default)]
            #[schema(value_type = $rule, required = false)]
            no_answer_forward_rule: Input<RuleInput>,
            /// What happens in night mode.
            #[serde(default)]
            #[schema(value_type = $rule, required = false)]
            night_mode_forward_rule: Input<RuleInput>,
            /// The caller ids that its calls may show, all of them.
            #[serde(default)]
            #[schema(value_type = Vec<PlainCallerIdWire>, required = false, max_items = 100)]
            outbound_caller_ids: Input<Vec<Input<CallerIdInput>>>,
        }

        $(#[doc = $adoc])*
        #[derive(Serialize, ToSchema)]
        pub(crate) struct $answer {
            /// Its id.
            #[schema(example = "100001")]
            id: String,
            /// Its name.
            #[schema(min_length = 1, max_length = 64)]
            name: String,
            /// Its number.
            #[schema(min_length = 3, max_length = 64, pattern = "^[0-9]{3,64}$")]
            extension_number: String,
            $($(#[doc = $chdoc])* $choice: $word,)*
            $($(#[doc = $ndoc])* #[schema(value_type = i32, minimum = $least, maximum = $most)] $number: i64,)*
            $($(#[doc = $tdoc])* #[schema(max_length = $length)] $text: String,)*
            $(
                /// The name of that file; empty when there is none.
                $file_name: String,
                /// Its size in bytes.
                #[serde(skip_serializing_if = "Option::is_none")]
                #[schema(required = false, minimum = 0)]
                $file_size: Option<i64>,
                /// Where it can be fetched; empty when there is none.
                $file_url: String,
            )*
            $($(#[doc = $fdoc])* $flag: bool,)*
            /// What happens when nobody answers in time.
            no_answer_forward_rule: $rule,
            /// What happens in night mode.
            night_mode_forward_rule: $rule,
            /// The caller ids that its calls may show.
            outbound_caller_ids: Vec<PlainCallerIdWire>,
        }

        impl $create {
            /// What is to be made.
            pub(crate) fn read(self) -> Result<NewTeam<$settings>> {
                let (mut found, default) = (Violations::new(), $settings::default());
                let new = NewTeam {
                    name: self.name.required(&mut found, Field::Name).unwrap_or_default(),
                    extension_number: self.extension_number.required(&mut found, Field::ExtensionNumber).unwrap_or_default(),
                    settings: $settings {
                        $($choice: self.$choice.word($words, Worded::of).$need(&mut found, Field::$chfield).unwrap_or(default.$choice),)*
                        $($number: self.$number.optional(&mut found, Field::$nfield).unwrap_or(default.$number),)*
                        $($text: self.$text.optional(&mut found, Field::$tfield).unwrap_or(default.$text),)*
                        $($file: self.$file_id.convert(|text| Ok(file_id(text))).optional(&mut found, Field::$fifield).unwrap_or(default.$file),)*
                        $($flag: self.$flag.optional(&mut found, Field::$ffield).unwrap_or(default.$flag),)*
                        no_answer_forward_rule: first(
                            rule(self.no_answer_forward_rule, $actions, &mut found, Field::NoAnswerForwardRule),
                            default.no_answer_forward_rule,
                        ),
                        night_mode_forward_rule: first(
                            rule(self.night_mode_forward_rule, $actions, &mut found, Field::NightModeForwardRule),
                            default.night_mode_forward_rule,
                        ),
                        outbound_caller_ids: self
                            .outbound_caller_ids
                            .entries(&mut found, Field::OutboundCallerIds, CallerIdInput::read_plain)
                            .optional(&mut found, Field::OutboundCallerIds)
                            .unwrap_or_default(),
                    },
                };
                conclude(found, || new.check())?;
                Ok(new)
            }
        }

        impl $update {
            /// What is to be changed.
            pub(crate) fn read(self) -> Result<TeamPatch<$patch>> {
                let mut found = Violations::new();
                let patch = TeamPatch {
                    name: self.name.patch(&mut found, Field::Name),
                    settings: $patch {
                        $($choice: self.$choice.word($words, Worded::of).patch(&mut found, Field::$chfield),)*
                        $($number: self.$number.patch(&mut found, Field::$nfield),)*
                        $($text: self.$text.patch_or_default(&mut found, Field::$tfield),)*
                        $($file: self.$file_id.convert(|text| Ok(file_id(text))).patch_or_default(&mut found, Field::$fifield),)*
                        $($flag: self.$flag.patch(&mut found, Field::$ffield),)*
                        no_answer_forward_rule: rule(
                            self.no_answer_forward_rule,
                            $actions,
                            &mut found,
                            Field::NoAnswerForwardRule,
                        ),
                        night_mode_forward_rule: rule(
                            self.night_mode_forward_rule,
                            $actions,
                            &mut found,
                            Field::NightModeForwardRule,
                        ),
                        outbound_caller_ids: self
                            .outbound_caller_ids
                            .entries(&mut found, Field::OutboundCallerIds, CallerIdInput::read_plain)
                            .patch_or_default(&mut found, Field::OutboundCallerIds),
                    },
                };
                conclude(found, || Team::<$settings>::check_patch(&patch))?;
                Ok(patch)
            }
        }

        impl From<SeenTeam<$settings>> for $answer {
            fn from(seen: SeenTeam<$settings>) -> Self {
                $(let $file = Prompt::from(seen.file(&seen.team.settings.$file));)*
                let team = seen.team;
                let settings = team.settings;
                Self {
                    id: team.id.to_string(),
                    name: team.name,
                    extension_number: team.extension_number,
                    $($choice: settings.$choice.into(),)*
                    $($number: settings.$number,)*
                    $($text: settings.$text,)*
                    $($file_name: $file.name, $file_size: $file.size, $file_url: $file.url,)*
                    $($flag: settings.$flag,)*
                    no_answer_forward_rule: settings.no_answer_forward_rule.into(),
                    night_mode_forward_rule: settings.night_mode_forward_rule.into(),
                    outbound_caller_ids: settings.outbound_caller_ids.iter().map(Into::into).collect(),
                }
            }
        }
    };
}

team_wire! {
    CallQueueSettings CallQueueSettingsPatch;
    /// A call queue to be made.
    create CreateCallQueue;
    /// A change to a call queue: what is left out stays.
    update UpdateCallQueue;
    /// A call queue.
    answer CallQueueAnswer;
    rule QueueRuleWire QUEUE_ACTIONS;
    choices {
        /// In which order agents are rung.
        polling_strategy: QueueStrategyWord = PollingStrategy, QUEUE_STRATEGIES, required, true;
        /// Which introduction callers hear: none, one that ends when an agent is free, or one that is heard to its end.
        intro_type: IntroTypeWord = IntroType, IntroType::WORDS, optional, false;
        /// When callers are told their place.
        inform_position: InformPositionWord = InformPosition, InformPosition::WORDS, optional, false;
        /// When callers are offered to be called back.
        callback_mode: CallbackModeWord = CallbackMode, CallbackMode::WORDS, optional, false;
    }
    numbers {
        /// Seconds that an agent is rung.
        ring_time = RingTime, 1 to 65535, 20;
        /// Callers that may wait at the same time; 0 for as many as come.
        max_callers = MaxCallers, 0 to 65535, 0;
        /// Seconds that a caller may wait.
        max_waiting_time = MaxWaitingTime, 15 to 65535, 300;
        /// Seconds between two announcements of a caller's place.
        inform_position_interval = InformPositionInterval, 10 to 1800, 10;
        /// Seconds within which calls ought to be answered; 0 for no such promise.
        sla_time = SlaTime, 0 to 65536, 0;
        /// Seconds of waiting before a caller is offered to be called back.
        callback_timeout = CallbackTimeout, 0 to 86400, 600;
        /// Days that the queue remembers which agent a caller spoke to.
        sticky_routing_duration = StickyRoutingDuration, 1 to 365, 30;
    }
    texts {
        /// The language of announcements, as `en-US`; empty for the tenant's.
        language = Language, 64;
        /// What is dialled before the number of a caller who is called back.
        callback_outbound_prefix = CallbackOutboundPrefix, 32;
    }
    files {
        /// The file that waiting callers hear; empty for the usual music.
        moh_prompt_file_id moh_prompt_file = MohPromptFile, moh_prompt_file_name moh_prompt_file_size moh_prompt_file_url;
        /// The file of the introduction.
        intro_prompt_file_id intro_prompt_file = IntroPromptFile, intro_prompt_file_name intro_prompt_file_size intro_prompt_file_url;
    }
    flags {
        /// Let callers wait although no agent is there.
        wait_when_no_agents_online = WaitWhenNoAgentsOnline, false;
        /// Whoever logs in is ready at once.
        agent_auto_ready = AgentAutoReady, true;
        /// Whoever took a call outside of the queue is not ready after it.
        agent_auto_not_ready_after_non_acd_call = AgentAutoNotReadyAfterNonAcdCall, true;
        /// Offer to call back.
        enable_callback = EnableCallback, false;
        /// Send a caller to the agent he spoke to last time.
        enable_sticky_routing = EnableStickyRouting, true;
        /// Tell the agent's phone the caller in the header P-Asserted-Identity.
        enable_paid = EnablePaid, false;
        /// Tell it in the header Remote-Party-ID.
        enable_prid = EnablePrid, false;
        /// Put the queue's number in the header To.
        extension_number_as_to_header = ExtensionNumberAsToHeader, false;
    }
}

team_wire! {
    RingGroupSettings RingGroupSettingsPatch;
    /// A ring group to be made.
    create CreateRingGroup;
    /// A change to a ring group: what is left out stays.
    update UpdateRingGroup;
    /// A ring group.
    answer RingGroupAnswer;
    rule GroupRuleWire MissedAction::WORDS;
    choices {
        /// In which order members are rung.
        ring_strategy: StrategyWord = RingStrategy, Strategy::WORDS, optional, false;
    }
    numbers {
        /// Seconds that a member is rung.
        ring_time = RingTime, 0 to 3600, 20;
    }
    texts {}
    files {}
    flags {
        /// Leave out members who are in a call.
        skip_busy_member = SkipBusyMember, false;
        /// Tell the member's phone the caller in the header P-Asserted-Identity.
        enable_paid = EnablePaid, false;
        /// Tell it in the header Remote-Party-ID.
        enable_prid = EnablePrid, false;
        /// Put the group's number in the header To.
        extension_number_as_to_header = ExtensionNumberAsToHeader, false;
    }
}

/// A line of the list of call queues.
#[derive(Serialize, ToSchema)]
pub(crate) struct CallQueueLine {
    /// Its id.
    #[schema(example = "100001")]
    id: String,
    /// Its name.
    #[schema(min_length = 1, max_length = 64)]
    name: String,
    /// Its number.
    #[schema(min_length = 3, max_length = 64, pattern = "^[0-9]{3,64}$")]
    extension_number: String,
    /// Seconds that an agent is rung.
    #[schema(value_type = i32, minimum = 1, maximum = 65535)]
    ring_time: i64,
    /// In which order agents are rung.
    polling_strategy: QueueStrategyWord,
}

impl From<Team<CallQueueSettings>> for CallQueueLine {
    fn from(team: Team<CallQueueSettings>) -> Self {
        Self {
            id: team.id.to_string(),
            ring_time: team.settings.ring_time,
            polling_strategy: team.settings.polling_strategy.into(),
            name: team.name,
            extension_number: team.extension_number,
        }
    }
}

/// A line of the list of ring groups.
#[derive(Serialize, ToSchema)]
pub(crate) struct RingGroupLine {
    /// Its id.
    #[schema(example = "100001")]
    id: String,
    /// Its name.
    #[schema(min_length = 1, max_length = 64)]
    name: String,
    /// Its number.
    #[schema(min_length = 3, max_length = 64, pattern = "^[0-9]{3,64}$")]
    extension_number: String,
    /// Seconds that a member is rung.
    #[schema(value_type = i32, minimum = 0, maximum = 3600)]
    ring_time: i64,
    /// In which order members are rung.
    ring_strategy: StrategyWord,
    /// Leave out members who are in a call.
    skip_busy_member: bool,
    /// Tell the member's phone the caller in the header P-Asserted-Identity.
    enable_paid: bool,
    /// Tell it in the header Remote-Party-ID.
    enable_prid: bool,
    /// Put the group's number in the header To.
    extension_number_as_to_header: bool,
    /// What happens when nobody answers in time.
    no_answer_forward_rule: GroupRuleWire,
    /// What happens in night mode.
    night_mode_forward_rule: GroupRuleWire,
}

impl From<Team<RingGroupSettings>> for RingGroupLine {
    fn from(team: Team<RingGroupSettings>) -> Self {
        let settings = team.settings;
        Self {
            id: team.id.to_string(),
            name: team.name,
            extension_number: team.extension_number,
            ring_time: settings.ring_time,
            ring_strategy: settings.ring_strategy.into(),
            skip_busy_member: settings.skip_busy_member,
            enable_paid: settings.enable_paid,
            enable_prid: settings.enable_prid,
            extension_number_as_to_header: settings.extension_number_as_to_header,
            no_answer_forward_rule: settings.no_answer_forward_rule.into(),
            night_mode_forward_rule: settings.night_mode_forward_rule.into(),
        }
    }
}
