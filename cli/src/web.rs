//! The page with two phones, served to browsers on this machine: a handful of static files, and nothing else.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::thread;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use tiny_http::{Header, Method, Request, Response, Server, StatusCode};

use crate::failure::{ErrorCode, Failure};

/// Where the page is if nobody says otherwise: where `web/build` puts it.
pub const FOLDER: &str = "web/dist";

/// All files of the page, and what each is.
const FILES: [(&str, &str); 5] = [
    ("index.html", "text/html; charset=utf-8"),
    ("style.css", "text/css; charset=utf-8"),
    ("phones.js", "text/javascript; charset=utf-8"),
    ("room.js", "text/javascript; charset=utf-8"),
    ("room_bg.wasm", "application/wasm"),
];

/// What goes along with each answer: no browser guesses what a file is, keeps an old page, or shows it inside another one.
const ALWAYS: [&str; 3] =
    ["X-Content-Type-Options: nosniff", "Cache-Control: no-cache", "Content-Security-Policy: frame-ancestors 'none'"];

/// What an answer is that is no file.
const PLAIN: &str = "text/plain; charset=utf-8";

/// The page, ready to be served at an address of this machine.
pub struct Site {
    server: Arc<Server>,
    address: SocketAddr,
    files: Vec<File>,
}

struct File {
    name: &'static str,
    kind: &'static str,
    bytes: Vec<u8>,
}

impl Site {
    /// Reads the page from its folder, and listens: on the loopback interface only; port 0 is any that is free.
    ///
    /// # Errors
    /// If there is no page, or the port is taken.
    pub fn open(folder: &Path, port: u16) -> Result<Self, Failure> {
        let file = |&(name, kind): &(&'static str, &'static str)| {
            let path = folder.join(name);
            match std::fs::read(&path) {
                Ok(bytes) => Ok(File { name, kind, bytes }),
                Err(error) if [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory].contains(&error.kind()) => {
                    let message = format!("no page is in {}: {name} is missing", folder.display());
                    Err(Failure::new(ErrorCode::PageMissing, message)
                        .help("build it, in the folder of the sources: `web/build`; or name the folder in which it is"))
                }
                Err(error) => Err(Failure::unreadable(&path, &error)),
            }
        };
        let files = FILES.iter().map(file).collect::<Result<Vec<_>, _>>()?;
        let wanted = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
        let unserved = |why: &dyn std::fmt::Display| {
            Failure::new(ErrorCode::PageUnserved, format!("the page cannot be served at {wanted}: {why}"))
                .help("another program may listen there: take another port, or none, for any that is free")
        };
        let server = Server::http(wanted).map_err(|error| unserved(&error))?;
        let address = server.server_addr().to_ip().ok_or_else(|| unserved(&"it has no address"))?;
        Ok(Self { server: Arc::new(server), address, files })
    }

    /// Where browsers find it.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Serves until Ctrl-C or SIGTERM, and says how many requests there were.
    ///
    /// # Errors
    /// If signals cannot be waited for, or no more connections come in.
    pub fn serve(&self) -> Result<u64, Failure> {
        let mut signals = Signals::new([SIGINT, SIGTERM]).map_err(|error| {
            Failure::new(ErrorCode::Usage, format!("signals cannot be waited for: {error}")).help("please report this")
        })?;
        let (handle, server) = (signals.handle(), Arc::clone(&self.server));
        let waiting = thread::spawn(move || {
            if signals.forever().next().is_some() {
                server.unblock();
            }
        });
        let served = self.attend();
        handle.close();
        let _ = waiting.join();
        served.map_err(|error| {
            Failure::new(ErrorCode::PageUnserved, format!("the page is no longer served: {error}"))
                .help("start it again")
        })
    }

    /// Answers until the server is unblocked, which `tiny_http` tells by an error of the kind "other".
    fn attend(&self) -> io::Result<u64> {
        let mut count = 0_u64;
        loop {
            match self.server.recv() {
                Ok(request) => {
                    count = count.saturating_add(1);
                    self.answer(request);
                }
                Err(error) if error.kind() == io::ErrorKind::Other => return Ok(count),
                Err(error) => return Err(error),
            }
        }
    }

    fn answer(&self, request: Request) {
        let (path, _) = request.url().split_once('?').unwrap_or((request.url(), ""));
        let name = if path == "/" { "index.html" } else { path.trim_start_matches('/') };
        let file = self.files.iter().find(|file| file.name == name);
        let is_read = matches!(request.method(), Method::Get | Method::Head);
        let (status, kind, bytes) = match file {
            _ if !is_read => (405, PLAIN, b"files of the page can be read, and nothing else\n".as_slice()),
            None => (404, PLAIN, b"there is no such file in the page\n".as_slice()),
            Some(file) => (200, file.kind, file.bytes.as_slice()),
        };
        let own = [format!("Content-Type: {kind}"), "Allow: GET, HEAD".to_owned()];
        let headers =
            own.into_iter().chain(ALWAYS.map(str::to_owned)).filter_map(|header| Header::from_str(&header).ok());
        let response = Response::new(StatusCode(status), headers.collect(), bytes, Some(bytes.len()), None);
        // A browser that went away does not want it.
        let _ = request.respond(response.with_chunked_threshold(usize::MAX));
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;

    use super::*;

    /// A page whose files hold their own names, and what it answers to requests, each on a connection of its own.
    fn answers<const N: usize>(requests: [&str; N]) -> [String; N] {
        let folder = tempfile::tempdir().unwrap();
        for (name, _) in FILES {
            std::fs::write(folder.path().join(name), name).unwrap();
        }
        std::fs::write(folder.path().join("secret.txt"), "secret").unwrap();
        let site = Site::open(folder.path(), 0).unwrap();
        assert!(site.address.ip().is_loopback());
        thread::scope(|scope| {
            let served = scope.spawn(|| site.attend());
            let answers = requests.map(|request| {
                let mut stream = TcpStream::connect(site.address).unwrap();
                write!(stream, "{request} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").unwrap();
                let mut answer = String::new();
                stream.read_to_string(&mut answer).unwrap();
                answer
            });
            site.server.unblock();
            assert_eq!(served.join().unwrap().unwrap(), u64::try_from(N).unwrap());
            answers
        })
    }

    #[test]
    fn the_files_of_the_page_are_served_and_no_others() {
        let [page, named, wasm, head, posted, other, outside, encoded] = answers([
            "GET /",
            "GET /style.css?7",
            "GET /room_bg.wasm",
            "HEAD /phones.js",
            "POST /",
            "GET /secret.txt",
            "GET /../secret.txt",
            "GET /%2e%2e/secret.txt",
        ]);
        assert!(page.starts_with("HTTP/1.1 200") && page.ends_with("\r\n\r\nindex.html"), "{page}");
        assert!(page.contains("frame-ancestors 'none'") && page.contains("nosniff"), "{page}");
        assert!(named.contains("text/css") && named.ends_with("style.css"), "{named}");
        assert!(wasm.contains("Content-Type: application/wasm"), "{wasm}");
        assert!(head.starts_with("HTTP/1.1 200") && head.ends_with("\r\n\r\n"), "{head}");
        assert!(posted.starts_with("HTTP/1.1 405"), "{posted}");
        for answer in [other, outside, encoded] {
            assert!(answer.starts_with("HTTP/1.1 404") && !answer.ends_with("secret"), "{answer}");
        }
    }

    #[test]
    fn a_folder_without_the_page_and_a_taken_port_are_said() {
        let folder = tempfile::tempdir().unwrap();
        let failure = Site::open(folder.path(), 0).err().unwrap();
        assert_eq!(failure.code(), ErrorCode::PageMissing);
        assert!(failure.advice().unwrap().contains("web/build"));
        for (name, _) in FILES {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let first = Site::open(folder.path(), 0).unwrap();
        let failure = Site::open(folder.path(), first.address.port()).err().unwrap();
        assert_eq!(failure.code(), ErrorCode::PageUnserved);
    }
}
