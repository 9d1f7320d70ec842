//! Chinese names for streets, housing estates and those who take water. All are invented or too common to mean
//! anybody; no person is named.

use std::collections::HashMap;

use super::plane::{lerp, sub};
use super::rng::Rng;
use super::streets::{Rank, Zone};
use super::town::Town;

const STEMS: [&str; 72] = [
    "友好",
    "博格达",
    "新华",
    "人民",
    "解放",
    "建设",
    "和平",
    "光明",
    "团结",
    "胜利",
    "文化",
    "青年",
    "迎宾",
    "红山",
    "雅山",
    "昆仑",
    "天山",
    "石榴",
    "杏园",
    "白杨",
    "云杉",
    "雪莲",
    "玉泉",
    "清泉",
    "碧流",
    "西虹",
    "东虹",
    "幸福",
    "前进",
    "胜景",
    "丰收",
    "平安",
    "康乐",
    "长春",
    "四平",
    "延安",
    "龙泉",
    "明园",
    "黑山",
    "鲤鱼",
    "水磨",
    "松林",
    "桃园",
    "葡萄",
    "沙枣",
    "胡杨",
    "银川",
    "河滩",
    "米泉",
    "柏杨",
    "安居",
    "会展",
    "科技",
    "学府",
    "育才",
    "体育",
    "兴业",
    "创业",
    "工业",
    "纺织",
    "钢铁",
    "机械",
    "仓储",
    "物流",
    "铁路",
    "站前",
    "北站",
    "南湖",
    "西山",
    "东山",
    "高铁",
    "民航",
];
const ESTATE_SUFFIXES: [&str; 9] = [
    "小区",
    "花园",
    "家园",
    "新村",
    "嘉苑",
    "雅居",
    "家属院",
    "公寓",
    "名邸",
];
const TOWNS: [&str; 24] = [
    "红岩",
    "北庭",
    "雪岭",
    "云台",
    "石门",
    "柳泉",
    "五彩",
    "平川",
    "松涛",
    "金沙",
    "玉河",
    "三台",
    "西泉",
    "东湾",
    "白石",
    "长山",
    "碧湖",
    "青湖",
    "双河",
    "沙湾子",
    "九道",
    "八户",
    "六运",
    "七里",
];
const SHOPS: [&str; 12] = [
    "便民超市",
    "拌面馆",
    "药店",
    "理发店",
    "五金店",
    "水果店",
    "洗衣店",
    "茶餐厅",
    "汽修店",
    "书店",
    "宾馆",
    "菜市场",
];
const OFFICES: [&str; 8] = [
    "商务大厦",
    "百货商场",
    "酒店",
    "银行支行",
    "农贸市场",
    "写字楼",
    "影城",
    "综合楼",
];
const WORKS: [&str; 8] = [
    "机械厂",
    "食品厂",
    "纺织厂",
    "建材厂",
    "物流园",
    "冷链仓库",
    "化工厂",
    "印刷厂",
];

/// `天池示范区` for the first town, and names of its own for the others.
pub(super) fn town_name(index: usize) -> String {
    match index {
        0 => "天池示范区".to_owned(),
        n => {
            let stem = TOWNS[(n - 1) % TOWNS.len()];
            match (n - 1) / TOWNS.len() {
                0 => format!("{stem}镇"),
                round => format!("{stem}{}镇", numeral(round as u32 + 1)),
            }
        }
    }
}

/// Gives every street that has none a name by its rank, direction and place.
pub(super) fn name_streets(town: &mut Town, rng: &mut Rng) {
    let mut stems: Vec<&str> = STEMS.to_vec();
    for i in (1..stems.len()).rev() {
        stems.swap(i, rng.below(i + 1));
    }
    let mut uses: HashMap<(usize, &str), u32> = HashMap::new();
    let mut lanes: HashMap<u32, u32> = HashMap::new();
    let mut next_stem = 0;
    let plan = &mut town.plan;
    for i in 0..plan.streets.len() {
        if !plan.streets[i].name.is_empty() {
            continue;
        }
        let street = &plan.streets[i];
        let line = &street.line;
        let (first, last) = (line.points[0], line.points[line.points.len() - 1]);
        let middle = town.site.local(lerp(first, last, 0.5));
        let heading = sub(town.site.local(last), town.site.local(first));
        let runs_east = heading[0].abs() > heading[1].abs();
        let side = match (runs_east, middle[0] > 0.0, middle[1] > 0.0) {
            (true, true, _) => "东路",
            (true, false, _) => "西路",
            (false, _, true) => "北路",
            (false, _, false) => "南路",
        };
        let name = match street.rank {
            Rank::Arterial | Rank::Collector => {
                let suffix = if street.rank == Rank::Arterial {
                    side
                } else {
                    rng.pick(&["街", "路", "东街", "西街"])
                };
                let stem = next_stem % stems.len();
                next_stem += 1;
                let count = uses.entry((stem, suffix)).or_default();
                *count += 1;
                match *count {
                    1 => format!("{}{suffix}", stems[stem]),
                    n => format!("{}{}{suffix}", stems[stem], numeral(n)),
                }
            }
            Rank::Lane => {
                // A lane is counted along the bigger street it leaves.
                let mut root = street.parent.unwrap_or(i as u32);
                while plan.streets[root as usize].rank == Rank::Lane {
                    match plan.streets[root as usize].parent {
                        Some(parent) if parent != root => root = parent,
                        _ => break,
                    }
                }
                let count = lanes.entry(root).or_default();
                *count += 1;
                format!("{}{}巷", plan.streets[root as usize].name, numeral(*count))
            }
        };
        plan.streets[i].name = name;
    }
}

/// A name and whether it needs its number to be told from others is the caller's affair.
pub(super) fn estate(rng: &mut Rng) -> String {
    format!("{}{}", rng.pick(&STEMS), rng.pick(&ESTATE_SUFFIXES))
}

/// Who takes water in a building along the street: name, kind of customer, whether it comes first in an outage.
pub(super) fn taker(zone: Zone, street: &str, number: u32, rng: &mut Rng) -> (String, &'static str, bool) {
    let stem = rng.pick(&STEMS);
    match zone {
        Zone::Commerce => {
            if rng.chance(0.03) {
                return (format!("{stem}血液透析中心"), "hospital", true);
            }
            (format!("{stem}{}", rng.pick(&OFFICES)), "commercial", false)
        }
        Zone::Industry => (format!("{stem}{}", rng.pick(&WORKS)), "industrial", false),
        Zone::Campus => match rng.below(10) {
            0..=3 => (
                format!("{stem}第{}小学", numeral(rng.whole(1, 9))),
                "school",
                true,
            ),
            4..=6 => (
                format!("{stem}第{}中学", numeral(rng.whole(1, 9))),
                "school",
                true,
            ),
            7 | 8 => (format!("{stem}医院"), "hospital", true),
            _ => (format!("{stem}热力站锅炉房"), "administrative", true),
        },
        Zone::Park => (format!("{stem}公园绿化"), "municipal", false),
        Zone::OldTown | Zone::Housing => {
            if rng.chance(0.25) {
                (format!("{stem}{}", rng.pick(&SHOPS)), "commercial", false)
            } else {
                (format!("{street}{number}号住户"), "residential", false)
            }
        }
    }
}

/// 一, 二, … 十, 十一, … 九十九, beyond that digits.
pub(super) fn numeral(n: u32) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    match n {
        0 | 100.. => n.to_string(),
        1..=9 => DIGITS[n as usize].to_owned(),
        10..=19 => format!("十{}", DIGITS[(n - 10) as usize]),
        _ => format!("{}十{}", DIGITS[(n / 10) as usize], DIGITS[(n % 10) as usize]),
    }
}
