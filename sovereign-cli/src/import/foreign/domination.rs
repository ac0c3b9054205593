//! Reads the `.map` text of the game Domination: sections of continents, countries and
//! borders, each line a list of words.

use super::ForeignError;
use super::source::{At, Listing, Place, Source, SourceDefect};

/// The sections that matter.
#[derive(Clone, Copy, PartialEq)]
enum Section {
    Head,
    Continents,
    Countries,
    Borders,
    Other,
}

/// The file, line by line.
#[derive(Default)]
struct Reading {
    source: Source,
    listings: Vec<Listing>,
    /// The line of each place.
    lines: Vec<usize>,
}

/// Reads a file. Its first line that is neither a comment nor a name opens a section.
pub(super) fn read(text: &str) -> Result<Source, ForeignError> {
    let mut reading = Reading::default();
    let mut section = Section::Head;
    for (line, content) in (1..).zip(text.lines()) {
        let content = content.split(';').next().unwrap_or_default().trim();
        if let Some(name) = content.strip_prefix('[').and_then(|c| c.strip_suffix(']')) {
            section = named(name);
        } else if !content.is_empty() {
            let words: Vec<&str> = content.split_whitespace().collect();
            reading.line(section, line, &words)?;
        }
    }
    let Reading { mut source, listings, lines } = reading;
    source.add_listings(&listings, |place| At::Line(lines[place]));
    Ok(source)
}

fn named(section: &str) -> Section {
    match section.trim().to_ascii_lowercase().as_str() {
        "continents" => Section::Continents,
        "countries" => Section::Countries,
        "borders" => Section::Borders,
        _ => Section::Other,
    }
}

impl Reading {
    fn line(&mut self, section: Section, line: usize, words: &[&str]) -> Result<(), ForeignError> {
        match section {
            Section::Head => self.head(words),
            Section::Continents => self.continent(line, words)?,
            Section::Countries => self.country(line, words)?,
            Section::Borders => self.border(line, words)?,
            Section::Other => {}
        }
        Ok(())
    }

    fn head(&mut self, words: &[&str]) {
        if let ["name", title @ ..] = words {
            self.source.title = Some(title.join(" "));
        }
    }

    /// Name, bonus, colour.
    fn continent(&mut self, line: usize, words: &[&str]) -> Result<(), ForeignError> {
        let [name, bonus, ..] = words else {
            return Err(wrong(line, "a continent is a name, a bonus and a colour"));
        };
        let bonus = number(line, "the bonus", bonus)?;
        self.source.regions.push((spaced(name), bonus));
        Ok(())
    }

    /// Number, name, continent's number, x, y.
    fn country(&mut self, line: usize, words: &[&str]) -> Result<(), ForeignError> {
        let [code, name, continent, x, y, ..] = words else {
            return Err(wrong(line, "a country is a number, a name, a continent, x and y"));
        };
        let _: u32 = number(line, "the country's number", code)?;
        let region: usize = number(line, "the continent", continent)?;
        let (x, y): (i32, i32) = (number(line, "x", x)?, number(line, "y", y)?);
        let place = spaced(name);
        let known = (1..=self.source.regions.len()).contains(&region);
        if !known {
            let (at, region) = (At::Line(line), region.to_string());
            let place = place.clone();
            self.source.defects.push(SourceDefect::UnknownRegion { at, place, region });
        }
        self.lines.push(line);
        self.source.places.push(Place {
            name: place,
            code: (*code).to_owned(),
            region: known.then(|| (region - 1) as u16),
            position: Some([f64::from(x), f64::from(y)]),
            parts: Vec::new(),
        });
        Ok(())
    }

    /// Number, and the numbers of its neighbours.
    fn border(&mut self, line: usize, words: &[&str]) -> Result<(), ForeignError> {
        let [code, to @ ..] = words else { return Ok(()) };
        for word in words {
            let _: u32 = number(line, "a country's number", word)?;
        }
        let place = self.source.places.iter().position(|place| place.code == *code);
        let Some(from) = place else {
            let what = format!("there is no country {code}; countries stand before borders");
            return Err(ForeignError::Line { line, what });
        };
        let to = to.iter().map(|&word| word.to_owned()).collect();
        self.listings.push(Listing { at: At::Line(line), from, to });
        Ok(())
    }
}

/// Names are single words in the file.
fn spaced(name: &str) -> String {
    name.replace('_', " ")
}

fn number<T: std::str::FromStr>(line: usize, what: &str, word: &str) -> Result<T, ForeignError> {
    word.parse().map_err(|_| {
        let what = format!("{what} is {:?}, which is no number that fits", super::clip(word));
        ForeignError::Line { line, what }
    })
}

fn wrong(line: usize, what: &str) -> ForeignError {
    ForeignError::Line { line, what: what.to_owned() }
}
