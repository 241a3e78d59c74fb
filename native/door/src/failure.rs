//! What goes wrong: of a call (a kernel error with operation and path, or a sentence), and of a step of a plan.
use rustix::io::Errno;
use serde::Serialize;

/// The error of a call, as TypeScript gets it.
#[derive(Debug, Serialize)]
pub struct Failure {
    pub code: &'static str,
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub op: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errno: Option<i32>,
}

impl Failure {
    /// A system call that failed; TypeScript finds the words for the errno.
    pub fn kernel(op: &'static str, path: &str, errno: Errno) -> Self {
        Self {
            code: "kernel",
            message: String::new(),
            op: Some(op),
            path: (!path.is_empty()).then(|| path.to_owned()),
            errno: Some(errno.raw_os_error()),
        }
    }

    pub fn sentence(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), op: None, path: None, errno: None }
    }
}

/// A step that failed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StepFailure {
    pub half: &'static str,
    pub step: usize,
    pub errno: i32,
    pub detail: String,
}

/// Why a step failed, before its place in the plan is known.
#[derive(Debug)]
pub enum Trouble {
    Errno(Errno),
    /// Words that belong to the errno: the output of a hook, libseccomp's complaint.
    Detail(Errno, String),
    /// The step that failed is one of init's.
    Inside {
        step: u32,
        errno: i32,
        detail: String,
    },
}

impl From<Errno> for Trouble {
    fn from(errno: Errno) -> Self {
        Self::Errno(errno)
    }
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        match error.raw_os_error() {
            Some(errno) => Self::Errno(Errno::from_raw_os_error(errno)),
            None => Self::Detail(Errno::IO, error.to_string()),
        }
    }
}

impl Trouble {
    pub fn at(self, step: usize) -> StepFailure {
        match self {
            Self::Errno(errno) => {
                StepFailure { half: "outside", step, errno: errno.raw_os_error(), detail: String::new() }
            }
            Self::Detail(errno, detail) => StepFailure { half: "outside", step, errno: errno.raw_os_error(), detail },
            Self::Inside { step, errno, detail } => StepFailure { half: "inside", step: step as usize, errno, detail },
        }
    }
}
