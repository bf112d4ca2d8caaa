"""The words and the numbers of a report in Bahasa Indonesia and in English.

Pure text; knows no figure.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Language = Literal["id", "en"]

_TEXTS: dict[str, tuple[str, str]] = {
    "title": ("Evaluasi layanan 112", "Evaluation of the 112 service"),
    "period": ("Periode", "Period"),
    "made": ("Dibuat", "Made"),
    "until_now": ("hari terakhir belum selesai", "the last day is not over"),
    "summary": ("Ringkasan", "Summary"),
    "speed": ("Kecepatan menjawab", "Speed of answer"),
    "classes": ("Klasifikasi", "Classes"),
    "outcomes": ("Akhir panggilan", "Where calls ended"),
    "weeks": ("Tren mingguan", "Weekly trend"),
    "shifts": ("Per sif", "By shift"),
    "takers": ("Per petugas", "By call-taker"),
    "longest": ("Waktu tunggu terlama", "Longest waits"),
    "heat": ("Panggilan per jam dan hari", "Calls by hour and weekday"),
    "distribution": ("Sebaran waktu jawab", "Distribution of answer times"),
    "figure": ("Ukuran", "Figure"),
    "value": ("Nilai", "Value"),
    "n": ("dari n", "of n"),
    "calls": ("Panggilan (tanpa uji)", "Calls (without tests)"),
    "test_calls": ("Panggilan uji", "Test calls"),
    "in_progress": ("Masih berlangsung", "Still in progress"),
    "queued": ("Masuk antrean", "Reached the queue"),
    "answered": ("Dijawab petugas", "Answered by a call-taker"),
    "abandoned": ("Putus di antrean atau saat berdering", "Given up in the queue or while ringing"),
    "fallback": ("Dilayani jalur cadangan", "Served by the fallback"),
    "flawed": ("Catatan dengan jurnal cacat", "Records with a flawed journal"),
    "availability": ("Waktu dengan petugas siap", "Time with a call-taker ready"),
    "sl": ("SL ≤ {} s", "SL ≤ {} s"),
    "sl_strict": ("SL ketat ≤ {} s (semua yang antre)", "SL strict ≤ {} s (all that queued)"),
    "sl_raw": ("SL mentah ≤ {} s (semua panggilan)", "SL raw ≤ {} s (all calls)"),
    "answer_mean": ("Rata-rata waktu jawab", "Average speed of answer"),
    "answer_p50": ("Median waktu jawab", "Median answer time"),
    "answer_p90": ("Persentil 90 waktu jawab", "90th percentile of answer times"),
    "answer_p99": ("Persentil 99 waktu jawab", "99th percentile of answer times"),
    "answer_slowest": ("Rata-rata 10 % terlama", "Mean of the slowest 10 %"),
    "wait_mean": ("Rata-rata tunggu di antrean", "Mean wait in the queue"),
    "ring_mean": ("Rata-rata dering terakhir", "Mean of the last ring"),
    "talk_mean": ("Rata-rata bicara", "Mean talk"),
    "aht": ("Waktu tangani (bicara + catat)", "Handling time (talk + wrap-up)"),
    "abandon_rate": ("Putus di antrean", "Abandon rate"),
    "abandon_rate_raw": ("Tidak terjawab dari semua", "Not answered, of all calls"),
    "pre_human_loss": ("Hilang sebelum petugas", "Lost before a human"),
    "ghost_rate": ("Ghost dari yang dijawab", "Ghost, of answered"),
    "prank_rate": ("Prank dari yang dijawab", "Prank, of answered"),
    "false_rate": ("Laporan palsu dari yang dijawab", "False reports, of answered"),
    "genuine_rate": ("Sungguhan dari yang dijawab", "Genuine, of answered"),
    "classified_rate": ("Sudah diklasifikasi", "Classified"),
    "classification_rate": ("Diklasifikasi ≤ 10 menit", "Classified within 10 minutes"),
    "silent_suspected": ("Diduga diam", "Suspected silent"),
    "silent_signs": ("- lalu menekan tombol atau bersuara", "- then a key or a sound"),
    "silent_assisted": ("- ternyata tidak bisa bicara", "- found silent, in need"),
    "silent_genuine": ("- ternyata sungguhan", "- found genuine"),
    "rona_rate": ("Dering tak dijawab (RONA)", "Ring, no answer (RONA)"),
    "bucket": ("Kelas resmi", "Official class"),
    "class": ("Kelas", "Class"),
    "share": ("Bagian", "Share"),
    "week": ("Minggu mulai", "Week of"),
    "shift": ("Sif", "Shift"),
    "taker": ("Petugas", "Call-taker"),
    "logged_in": ("Hadir", "Logged in"),
    "present": ("Siap/kerja", "Ready/at work"),
    "utilisation": ("Kehadiran", "Attendance"),
    "occupancy": ("Okupansi", "Occupancy"),
    "offers": ("Tawaran", "Offers"),
    "rona": ("RONA", "RONA"),
    "answered_short": ("Dijawab", "Answered"),
    "agencies": ("Per OPD yang dihubungi", "By agency that was asked"),
    "agency": ("OPD", "Agency"),
    "asked": ("Dihubungi", "Asked"),
    "whole_period": ("Seluruh periode", "Whole period"),
    "arrived": ("Masuk", "Arrived"),
    "waited": ("Menunggu", "Waited"),
    "outcome": ("Akhir", "Outcome"),
    "lost": ("Hilang", "Lost"),
    "other": ("Lainnya", "Other"),
    "seconds": ("detik", "seconds"),
    "number_of_calls": ("jumlah panggilan", "number of calls"),
    "longer": ("lebih", "more"),
    "none_yet": ("tidak ada", "none"),
    "note": (
        (
            "SL tidak menghitung putus singkat; SL ketat dan mentah menghitung semuanya dan ditampilkan "
            "berdampingan. Persentase dari kurang dari 30 kasus ditulis n<30."
        ),
        (
            "SL leaves short abandons out; SL strict and SL raw leave nothing out and stand beside it. "
            "Of fewer than 30 cases no percentage is given (n<30)."
        ),
    ),
    # outcomes
    "refused": ("ditolak", "refused"),
    "abandoned_setup": ("putus sebelum diangkat", "gone before the answer"),
    "abandoned_ivr": ("putus di menu", "gone in the menu"),
    "short_abandon": ("putus singkat", "short abandon"),
    "abandoned_queue": ("putus di antrean", "gone in the queue"),
    "abandoned_ringing": ("putus saat berdering", "gone while ringing"),
    "info_selfservice": ("informasi otomatis", "information line"),
    "overflowed": ("dilimpahkan ke jalur lain", "overflowed"),
    "transferred_region": ("dialihkan ke daerah lain", "transferred to another region"),
    "failed_technical": ("gagal teknis", "technical failure"),
    # dispositions
    "emergency": ("darurat", "emergency"),
    "emergency_duplicate": ("darurat, laporan ganda", "emergency, duplicate"),
    "non_emergency": ("tidak darurat", "not an emergency"),
    "silent_assist": ("tidak bisa bicara", "silent, in need"),
    "information": ("informasi", "information"),
    "out_of_scope": ("di luar layanan", "out of scope"),
    "out_of_area": ("di luar wilayah", "out of area"),
    "prank": ("prank", "prank"),
    "false_report": ("laporan palsu", "false report"),
    "ghost": ("ghost", "ghost"),
    "accidental": ("tidak sengaja", "accidental"),
    "wrong_number": ("salah sambung", "wrong number"),
    "dropped": ("terputus", "dropped"),
    "unclassified": ("belum diklasifikasi", "unclassified"),
    # official classes
    "normal": ("normal", "normal"),
    "informasi": ("informasi", "information"),
    "terputus": ("terputus", "dropped"),
    "tidak_tercatat": ("tidak tercatat", "not recorded"),
}
_WEEKDAYS = (
    ("Sen", "Sel", "Rab", "Kam", "Jum", "Sab", "Min"),
    ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
)
_MONTHS = (
    ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"),
    ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)


@dataclass(frozen=True, slots=True)
class Words:
    """How one language says things."""

    language: Language

    @property
    def _n(self) -> int:
        return 0 if self.language == "id" else 1

    @property
    def comma(self) -> str:
        """The decimal sign."""
        return ",."[self._n]

    @property
    def weekdays(self) -> tuple[str, ...]:
        """Short names, Monday first."""
        return _WEEKDAYS[self._n]

    def __call__(self, key: str, *parts: object) -> str:
        """The text of a name; a name without text stands for itself."""
        texts = _TEXTS.get(key)
        return key if texts is None else texts[self._n].format(*parts)

    def count(self, number: int) -> str:
        """A whole number, its thousands parted."""
        return f"{number:,}".replace(",", ".,"[self._n])

    def seconds(self, value: float | None) -> str:
        """A short time in seconds."""
        return "-" if value is None else f"{value:.1f} s".replace(".", self.comma)

    def duration(self, value: float | None) -> str:
        """A long time in hours and minutes."""
        minutes = round((value or 0.0) / 60)
        return f"{self.count(minutes // 60)}:{minutes % 60:02}"

    def share(self, value: float | None) -> str:
        """A share that is not of cases, so that it needs no n."""
        return "-" if value is None else f"{100 * value:.1f} %".replace(".", self.comma)

    def day(self, day: date) -> str:
        """A date in words."""
        return f"{day.day} {_MONTHS[self._n][day.month - 1]} {day.year}"

    def moment(self, moment: datetime) -> str:
        """A local time."""
        return f"{moment:%Y-%m-%d %H:%M:%S}"
