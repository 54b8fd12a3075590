"""Files as people have them, one of each format, each with the frame it has to become, written out by hand.

Five sessions of January 2021 and the Muhurat session of 14 November 2020, 18:15 to 19:15: four bars of a quarter hour.
"""

import gzip
import io
import zipfile

import numpy as np
import pandas as pd
import pytest

from aegismatrix_engine.errors import DataError
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.sources.recognise import Choices, RecognisedFile, file_text, recognise_file
from aegismatrix_engine.sources.recognise.date_order import DateOrder

SPOT = pd.DataFrame(
    {
        "open": [14104.35, 14075.15, 14240.95, 14253.75, 14258.4],
        "high": [14147.95, 14215.6, 14244.15, 14256.25, 14367.3],
        "low": [13953.75, 14048.15, 14039.9, 14123.1, 14221.65],
        "close": [14132.9, 14199.5, 14146.25, 14137.35, 14347.25],
    },
    index=pd.DatetimeIndex(["2021-01-04", "2021-01-05", "2021-01-06", "2021-01-07", "2021-01-08"], name="date"),
)
VIX = pd.DataFrame({"close": [19.5575, 20.2475, 20.99, 20.6475, 20.61]}, index=SPOT.index)
US_VIX = pd.DataFrame({"close": [26.97, 25.34, 25.07, 22.37, 21.56]}, index=SPOT.index)
BARS = pd.DataFrame(
    {
        "open": [12823.35, 12791.1, 12776.0, 12771.7],
        "high": [12828.7, 12795.5, 12780.2, 12781.15],
        "low": [12786.0, 12769.75, 12766.9, 12768.4],
        "close": [12790.8, 12775.6, 12771.25, 12780.25],
    },
    index=pd.DatetimeIndex(
        ["2020-11-14 18:15", "2020-11-14 18:30", "2020-11-14 18:45", "2020-11-14 19:00"], name="timestamp"
    ),
)
VIX_BARS = pd.DataFrame({"close": [20.4, 20.31, 20.25, 20.02]}, index=BARS.index)

NSE_INDEX = """\ufeffDate ,Open ,High ,Low ,Close ,Shares Traded ,Turnover (₹ Cr)
08-JAN-2021,14258.4,14367.3,14221.65,14347.25,613460164,37236.02
07-JAN-2021,14253.75,14256.25,14123.1,14137.35,623447425,
06-JAN-2021,14240.95,14244.15,14039.9,14146.25,632324316,38433.59
05-JAN-2021,14075.15,14215.6,14048.15,14199.5,492475349,31876.52
04-JAN-2021,14104.35,14147.95,13953.75,14132.9,495000295,29187.1
"""
NIFTYINDICES = """"Index Name","Date","Open","High","Low","Close"
"NIFTY 50","08 Jan 2021","14258.40","14367.30","14221.65","14347.25"
"NIFTY 50","07 Jan 2021","14253.75","14256.25","14123.10","14137.35"
"NIFTY 50","06 Jan 2021","14240.95","14244.15","14039.90","14146.25"
"NIFTY 50","05 Jan 2021","14075.15","14215.60","14048.15","14199.50"
"NIFTY 50","04 Jan 2021","14104.35","14147.95","13953.75","14132.90"
"NIFTY 50","03 Jul 1990","-","-","-","279.02"
"""
NSEPYTHON = """,EOD_INDEX_NAME,EOD_OPEN_INDEX_VAL,EOD_HIGH_INDEX_VAL,EOD_CLOSE_INDEX_VAL,EOD_LOW_INDEX_VAL,EOD_TIMESTAMP
0,Nifty 50,14104.35,14147.95,14132.9,13953.75,04-JAN-2021
1,Nifty 50,14075.15,14215.6,14199.5,14048.15,05-JAN-2021
2,Nifty 50,14240.95,14244.15,14146.25,14039.9,06-JAN-2021
3,Nifty 50,14253.75,14256.25,14137.35,14123.1,07-JAN-2021
4,Nifty 50,14258.4,14367.3,14347.25,14221.65,08-JAN-2021
"""
YFINANCE_ROWS = """2021-01-04,14132.9,14147.95,13953.75,14104.35,495000
2021-01-05,14199.5,14215.6,14048.15,14075.15,492500
2021-01-06,14146.25,14244.15,14039.9,14240.95,632300
2021-01-07,14137.35,14256.25,14123.1,14253.75,559200
2021-01-08,14347.25,14367.3,14221.65,14258.4,613500
"""
YFINANCE = "Price,Close,High,Low,Open,Volume\nTicker,^NSEI,^NSEI,^NSEI,^NSEI,^NSEI\nDate,,,,,\n" + YFINANCE_ROWS
YFINANCE_BY_TICKER = (
    "Ticker,^NSEI,^NSEI,^NSEI,^NSEI,^NSEI\nPrice,Close,High,Low,Open,Volume\nDate,,,,,\n" + YFINANCE_ROWS
)
YFINANCE_RESET = "Date,Close,High,Low,Open,Volume\n,^NSEI,^NSEI,^NSEI,^NSEI,^NSEI\n" + YFINANCE_ROWS
YFINANCE_PAIRS = (
    """"('Date', '')","('Close', '^NSEI')","('High', '^NSEI')","('Low', '^NSEI')","('Open', '^NSEI')",\
"('Volume', '^NSEI')"\n"""
    + YFINANCE_ROWS
)
YFINANCE_JOINED = "Date_,Close_^NSEI,High_^NSEI,Low_^NSEI,Open_^NSEI,Volume_^NSEI\n" + YFINANCE_ROWS
YFINANCE_HISTORY = """Date,Open,High,Low,Close,Volume,Dividends,Stock Splits
2021-01-04 00:00:00+05:30,14104.35,14147.95,13953.75,14132.9,495000,0.0,0.0
2021-01-05 00:00:00+05:30,14075.15,14215.6,14048.15,14199.5,492500,0.0,0.0
2021-01-06 00:00:00+05:30,14240.95,14244.15,14039.9,14146.25,632300,0.0,0.0
2021-01-07 00:00:00+05:30,14253.75,14256.25,14123.1,14137.35,559200,0.0,0.0
2021-01-08 00:00:00+05:30,14258.4,14367.3,14221.65,14347.25,613500,0.0,0.0
"""
YAHOO = """Date,Open,High,Low,Close,Adj Close,Volume
2021-01-01,null,null,null,null,null,null
2021-01-04,14104.35,14147.95,13953.75,14132.9,14132.9,495000
2021-01-05,14075.15,14215.6,14048.15,14199.5,14199.5,492500
2021-01-06,14240.95,14244.15,14039.9,14146.25,14146.25,632300
2021-01-07,14253.75,14256.25,14123.1,14137.35,14137.35,559200
2021-01-08,14258.4,14367.3,14221.65,14347.25,14347.25,613500
"""
INVESTING_US = """\ufeff"Date","Price","Open","High","Low","Vol.","Change %"
"01/08/2021","14,347.25","14,258.40","14,367.30","14,221.65","613.46M","1.48%"
"01/07/2021","14,137.35","14,253.75","14,256.25","14,123.10","559.17M","-0.06%"
"01/06/2021","14,146.25","14,240.95","14,244.15","14,039.90","632.32M","-0.38%"
"01/05/2021","14,199.50","14,075.15","14,215.60","14,048.15","492.48M","0.47%"
"01/04/2021","14,132.90","14,104.35","14,147.95","13,953.75","-","0.82%"
"""
INVESTING_INDIA = INVESTING_US.replace("01/0", "0").replace("/2021", "-01-2021")
INVESTING_NAMED = """"Date","Price","Open","High","Low","Vol.","Change %"
"Jan 08, 2021","14,347.25","14,258.40","14,367.30","14,221.65","613.46M","1.48%"
"Jan 07, 2021","14,137.35","14,253.75","14,256.25","14,123.10","559.17M","-0.06%"
"Jan 06, 2021","14,146.25","14,240.95","14,244.15","14,039.90","632.32M","-0.38%"
"Jan 05, 2021","14,199.50","14,075.15","14,215.60","14,048.15","492.48M","0.47%"
"Jan 04, 2021","14,132.90","14,104.35","14,147.95","13,953.75","-","0.82%"
"""
STOOQ = """<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>
^NSEI,D,20210104,000000,14104.35,14147.95,13953.75,14132.9,0,0
^NSEI,D,20210105,000000,14075.15,14215.6,14048.15,14199.5,0,0
^NSEI,D,20210106,000000,14240.95,14244.15,14039.9,14146.25,0,0
^NSEI,D,20210107,000000,14253.75,14256.25,14123.1,14137.35,0,0
^NSEI,D,20210108,000000,14258.4,14367.3,14221.65,14347.25,0,0
"""
# Seconds since 1970: 1609731900 is 2021-01-04 03:45 UTC, the open of NSE, as TradingView stamps a day.
TRADINGVIEW = """time,open,high,low,close,Volume
1609731900,14104.35,14147.95,13953.75,14132.9,0
1609818300,14075.15,14215.6,14048.15,14199.5,0
1609904700,14240.95,14244.15,14039.9,14146.25,0
1609991100,14253.75,14256.25,14123.1,14137.35,0
1610077500,14258.4,14367.3,14221.65,14347.25,0
"""
GOOGLE = """Date,Open,High,Low,Close,Volume
1/4/2021 15:30:00,14104.35,14147.95,13953.75,14132.9,495000295
1/5/2021 15:30:00,14075.15,14215.6,14048.15,14199.5,492475349
1/6/2021 15:30:00,14240.95,14244.15,14039.9,14146.25,632324316
1/7/2021 15:30:00,14253.75,14256.25,14123.1,14137.35,559173512
1/8/2021 15:30:00,14258.4,14367.3,14221.65,14347.25,613460164
"""
DECIMAL_COMMA = """Date;Open;High;Low;Close
04.01.2021;14.104,35;14.147,95;13.953,75;14.132,9
05.01.2021;14.075,15;14.215,6;14.048,15;14.199,5
06.01.2021;14.240,95;14.244,15;14.039,9;14.146,25
07.01.2021;14.253,75;14.256,25;14.123,1;14.137,35
08.01.2021;14.258,4;14.367,3;14.221,65;14.347,25
"""
KITE_DAILY = """date,open,high,low,close,volume
2021-01-04T00:00:00+0530,14104.35,14147.95,13953.75,14132.9,0
2021-01-05T00:00:00+0530,14075.15,14215.6,14048.15,14199.5,0
2021-01-06T00:00:00+0530,14240.95,14244.15,14039.9,14146.25,0
2021-01-07T00:00:00+0530,14253.75,14256.25,14123.1,14137.35,0
2021-01-08T00:00:00+0530,14258.4,14367.3,14221.65,14347.25,0
"""
# Milliseconds of 18:30 UTC of the day before: midnight in India.
BROKER_EPOCH = """timestamp,open,high,low,close,volume
1609698600000,14104.35,14147.95,13953.75,14132.9,0
1609785000000,14075.15,14215.6,14048.15,14199.5,0
1609871400000,14240.95,14244.15,14039.9,14146.25,0
1609957800000,14253.75,14256.25,14123.1,14137.35,0
1610044200000,14258.4,14367.3,14221.65,14347.25,0
"""
SPREADSHEET = NSE_INDEX.replace("-JAN-2021", "-Jan-21").replace(",", "\t").replace("₹ ", "")
INDIA_VIX = """\ufeffDate ,Open ,High ,Low ,Close ,Prev. Close ,Change ,% Change
04-JAN-2021,21.09,21.09,19.26,19.5575,21.09,-1.53,-7.27
05-JAN-2021,19.5575,21.24,19.5575,20.2475,19.5575,0.69,3.53
06-JAN-2021,20.2475,21.8725,19.5625,20.99,20.2475,0.74,3.67
07-JAN-2021,20.99,21.4,19.9025,20.6475,20.99,-0.34,-1.63
08-JAN-2021,20.6475,21.1775,19.665,20.61,20.6475,-0.04,-0.18
"""
CBOE = """DATE,OPEN,HIGH,LOW,CLOSE
01/04/2021,23.040000,29.190000,22.560000,26.970000
01/05/2021,26.940000,28.600000,24.800000,25.340000
01/06/2021,25.480000,26.770000,22.140000,25.070000
01/07/2021,23.670000,23.910000,22.250000,22.370000
01/08/2021,22.430000,23.340000,21.420000,21.560000
"""
FRED = "observation_date,VIXCLS\n2021-01-01,.\n2021-01-04,26.97\n2021-01-05,25.34\n2021-01-06,25.07\n"
FRED += "2021-01-07,22.37\n2021-01-08,21.56\n"
NASDAQ = """Date,Close/Last,Volume,Open,High,Low
01/08/2021,21.56,--,22.43,23.34,21.42
01/07/2021,22.37,--,23.67,23.91,22.25
01/06/2021,25.07,--,25.48,26.77,22.14
01/05/2021,25.34,--,26.94,28.6,24.8
01/04/2021,26.97,--,23.04,29.19,22.56
"""
YFINANCE_BARS = """Datetime,Close,High,Low,Open,Volume
2020-11-14 12:45:00+00:00,12790.8,12828.7,12786.0,12823.35,0
2020-11-14 13:00:00+00:00,12775.6,12795.5,12769.75,12791.1,0
2020-11-14 13:15:00+00:00,12771.25,12780.2,12766.9,12776.0,0
2020-11-14 13:30:00+00:00,12780.25,12781.15,12768.4,12771.7,0
"""
YFINANCE_LOCAL_BARS = """Price,Close,High,Low,Open,Volume
Ticker,^NSEI,^NSEI,^NSEI,^NSEI,^NSEI
Datetime,,,,,
2020-11-14 18:15:00+05:30,12790.8,12828.7,12786.0,12823.35,0
2020-11-14 18:30:00+05:30,12775.6,12795.5,12769.75,12791.1,0
2020-11-14 18:45:00+05:30,12771.25,12780.2,12766.9,12776.0,0
2020-11-14 19:00:00+05:30,12780.25,12781.15,12768.4,12771.7,0
"""
KITE_BARS = """date,open,high,low,close,volume
2020-11-14 18:15:00+05:30,12823.35,12828.7,12786.0,12790.8,0
2020-11-14 18:30:00+05:30,12791.1,12795.5,12769.75,12775.6,0
2020-11-14 18:45:00+05:30,12776.0,12780.2,12766.9,12771.25,0
2020-11-14 19:00:00+05:30,12771.7,12781.15,12768.4,12780.25,0
"""
HEADERLESS_ENDS = """NIFTY,20201114,18:30,12823.35,12828.7,12786,12790.8,0
NIFTY,20201114,18:45,12791.1,12795.5,12769.75,12775.6,0
NIFTY,20201114,19:00,12776,12780.2,12766.9,12771.25,0
NIFTY,20201114,19:15,12771.7,12781.15,12768.4,12780.25,0
"""
DATE_AND_TIME = """Date,Time,Open,High,Low,Close
14-11-2020,6:15 PM,12823.35,12828.7,12786.0,12790.8
14-11-2020,6:30 PM,12791.1,12795.5,12769.75,12775.6
14-11-2020,6:45 PM,12776.0,12780.2,12766.9,12771.25
14-11-2020,7:00 PM,12771.7,12781.15,12768.4,12780.25
"""
LAST_SECONDS = """Ticker,Date,Time,Open,High,Low,Close,Volume
NIFTY 50,14/11/2020,18:29:59,12823.35,12828.7,12786.0,12790.8,0
NIFTY 50,14/11/2020,18:44:59,12791.1,12795.5,12769.75,12775.6,0
NIFTY 50,14/11/2020,18:59:59,12776.0,12780.2,12766.9,12771.25,0
NIFTY 50,14/11/2020,19:14:59,12771.7,12781.15,12768.4,12780.25,0
"""
EPOCH_VIX_BARS = """epoch,open,high,low,close,volume
1605357900,20.6,20.65,20.4,20.4,0
1605358800,20.4,20.42,20.3,20.31,0
1605359700,20.31,20.32,20.2,20.25,0
1605360600,20.25,20.25,20.0,20.02,0
"""
WITH_CLOSING_BAR = """timestamp,open,high,low,close
2020-11-14 18:07:00,12823.35,12823.35,12823.35,12823.35
2020-11-14 18:15:00,12823.35,12828.7,12786.0,12790.8
2020-11-14 18:30:00,12791.1,12795.5,12769.75,12775.6
2020-11-14 18:45:00,12776.0,12780.2,12766.9,12771.25
2020-11-14 19:00:00,12771.7,12781.15,12768.4,12780.25
2020-11-14 19:15:00,12780.25,12780.25,12780.25,12780.25
"""

# The S&P 500 and INDA on the same dates, as Yahoo and Nasdaq have them.
YFINANCE_SPX = """Price,Close,High,Low,Open,Volume
Ticker,^GSPC,^GSPC,^GSPC,^GSPC,^GSPC
Date,,,,,
2021-01-04,3700.65,3769.99,3662.71,3764.61,5006680000
2021-01-05,3726.86,3737.83,3695.07,3698.02,4582620000
2021-01-06,3748.14,3783.04,3705.34,3712.2,6049970000
"""
US_SPOT = pd.DataFrame(
    {
        "open": [3764.61, 3698.02, 3712.2],
        "high": [3769.99, 3737.83, 3783.04],
        "low": [3662.71, 3695.07, 3705.34],
        "close": [3700.65, 3726.86, 3748.14],
    },
    index=SPOT.index[:3],
)
INVESTING_SPX = """"Date","Price","Open","High","Low","Vol.","Change %"
"01/06/2021","3,748.14","3,712.20","3,783.04","3,705.34","","0.57%"
"01/05/2021","3,726.86","3,698.02","3,737.83","3,695.07","","0.71%"
"01/04/2021","3,700.65","3,764.61","3,769.99","3,662.71","","-1.48%"
"""
FRED_SPX = "observation_date,SP500\n2021-01-01,.\n2021-01-04,3700.65\n2021-01-05,3726.86\n2021-01-06,3748.14\n"
US_SPOT_CLOSES = US_SPOT.assign(open=np.nan, high=np.nan, low=np.nan)
YAHOO_INDA = """Date,Open,High,Low,Close,Adj Close,Volume
2021-01-04,40.78,40.83,40.10,40.34,38.912,5210100
2021-01-05,40.30,40.70,40.27,40.65,39.211,3310900
2021-01-06,40.21,40.55,40.08,40.30,38.873,4405100
"""
NASDAQ_INDA = """Date,Close/Last,Volume,Open,High,Low
01/06/2021,$40.30,4405100,$40.21,$40.55,$40.08
01/05/2021,$40.65,3310900,$40.30,$40.70,$40.27
01/04/2021,$40.34,5210100,$40.78,$40.83,$40.10
"""
STOOQ_INDA = """<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>
INDA.US,D,20210104,000000,40.78,40.83,40.10,40.34,5210100,0
INDA.US,D,20210105,000000,40.30,40.70,40.27,40.65,3310900,0
INDA.US,D,20210106,000000,40.21,40.55,40.08,40.30,4405100,0
"""
INDA = pd.DataFrame({"close": [40.34, 40.65, 40.3]}, index=SPOT.index[:3])

FORMATS = {
    "NSE index history": ("NIFTY 50-04-01-2021-to-08-01-2021.csv", NSE_INDEX, "spot_daily", SPOT),
    "niftyindices.com": ("NIFTY 50_Historical_PR_01011990to08012021.csv", NIFTYINDICES, "spot_daily", SPOT),
    "NSE's fields by nsepython": ("index.csv", NSEPYTHON, "spot_daily", SPOT),
    "yfinance, three header rows": ("^NSEI.csv", YFINANCE, "spot_daily", SPOT),
    "yfinance, grouped by ticker": ("data.csv", YFINANCE_BY_TICKER, "spot_daily", SPOT),
    "yfinance, two header rows": ("data.csv", YFINANCE_RESET, "spot_daily", SPOT),
    "yfinance, one header row": ("nifty.csv", "Date,Close,High,Low,Open,Volume\n" + YFINANCE_ROWS, "spot_daily", SPOT),
    "yfinance, header of pairs": ("data.csv", YFINANCE_PAIRS, "spot_daily", SPOT),
    "yfinance, joined header": ("data.csv", YFINANCE_JOINED, "spot_daily", SPOT),
    "yfinance, Ticker.history": ("nsei_history.csv", YFINANCE_HISTORY, "spot_daily", SPOT),
    "Yahoo's former download": ("^NSEI (1).csv", YAHOO, "spot_daily", SPOT),
    "investing.com, month first": ("Nifty 50 Historical Data.csv", INVESTING_US, "spot_daily", SPOT),
    "investing.com, day first": ("Nifty 50 Historical Data.csv", INVESTING_INDIA, "spot_daily", SPOT),
    "investing.com, month by name": ("Nifty 50 Historical Data.csv", INVESTING_NAMED, "spot_daily", SPOT),
    "stooq archive": ("^nsei.txt", STOOQ, "spot_daily", SPOT),
    "TradingView": ("NSE_NIFTY, 1D.csv", TRADINGVIEW, "spot_daily", SPOT),
    "Google Sheets": ("Sheet1.csv", GOOGLE, "spot_daily", SPOT),
    "decimal comma": ("nifty50.csv", DECIMAL_COMMA, "spot_daily", SPOT),
    "Kite, days": ("NIFTY 50_day.csv", KITE_DAILY, "spot_daily", SPOT),
    "epoch milliseconds": ("NSE_NIFTY50-INDEX.csv", BROKER_EPOCH, "spot_daily", SPOT),
    "a spreadsheet's copy": ("nifty.txt", SPREADSHEET, "spot_daily", SPOT),
    "India VIX archive": ("hist_india_vix_-04-01-2021-to-08-01-2021.csv", INDIA_VIX, "vix_daily", VIX),
    "Cboe": ("VIX_History.csv", CBOE, "us_vix_daily", US_VIX),
    "FRED": ("VIXCLS.csv", FRED, "us_vix_daily", US_VIX),
    "Nasdaq": ("us_vix.csv", NASDAQ, "us_vix_daily", US_VIX),
    "yfinance, S&P 500": ("data.csv", YFINANCE_SPX, "us_spot_daily", US_SPOT),
    "investing.com, S&P 500": ("S&P 500 Historical Data.csv", INVESTING_SPX, "us_spot_daily", US_SPOT),
    "FRED, S&P 500": ("SP500.csv", FRED_SPX, "us_spot_daily", US_SPOT_CLOSES),
    "its own file, S&P 500": ("us_spot_daily.csv", INVESTING_SPX, "us_spot_daily", US_SPOT),
    "Yahoo's former download, INDA": ("INDA.csv", YAHOO_INDA, "inda_daily", INDA),
    "Nasdaq, INDA": ("INDA ETF Stock Price History.csv", NASDAQ_INDA, "inda_daily", INDA),
    "stooq, INDA": ("inda.us.txt", STOOQ_INDA, "inda_daily", INDA),
    "its own file, INDA": ("inda_daily.csv", YAHOO_INDA, "inda_daily", INDA),
    "yfinance, bars, three header rows": ("data.csv", YFINANCE_LOCAL_BARS, "spot_intraday", BARS),
    "yfinance, bars in UTC": ("nifty_15m.csv", YFINANCE_BARS, "spot_intraday", BARS),
    "Kite, bars": ("NIFTY 50_15minute.csv", KITE_BARS, "spot_intraday", BARS),
    "bars by their end, no header": ("NIFTY50_2020.txt", HEADERLESS_ENDS, "spot_intraday", BARS),
    "date and time apart": ("nifty.csv", DATE_AND_TIME, "spot_intraday", BARS),
    "last second of a bar": ("data.csv", LAST_SECONDS, "spot_intraday", BARS),
    "epoch seconds, volatility index": ("INDIA VIX_15.csv", EPOCH_VIX_BARS, "vix_intraday", VIX_BARS),
    "bars around the session": ("spot_intraday.csv", WITH_CLOSING_BAR, "spot_intraday", BARS),
}


def recognised(
    name: str, content: str | bytes, choices: Choices | None = None, market: str = "nifty50"
) -> RecognisedFile:
    raw = content if isinstance(content, bytes) else content.encode()
    return recognise_file(file_text(name, raw), get_market(market), choices or Choices())


def assert_is(file: RecognisedFile, series: str, expected: pd.DataFrame) -> None:
    assert file.series == series
    pd.testing.assert_frame_equal(
        file.rows.drop(columns="line"),
        expected.set_axis(expected.index.as_unit("ns")),
        check_exact=True,
        check_freq=False,
    )


@pytest.mark.parametrize(("name", "content", "series", "expected"), FORMATS.values(), ids=FORMATS)
def test_a_format_is_read_as_what_it_holds(name: str, content: str, series: str, expected: pd.DataFrame) -> None:
    assert_is(recognised(name, content), series, expected)


@pytest.mark.parametrize(("name", "content", "series", "expected"), FORMATS.values(), ids=FORMATS)
def test_every_row_knows_its_line(name: str, content: str, series: str, expected: pd.DataFrame) -> None:
    file = recognised(name, content)
    lines = content.splitlines()
    for line, close in zip(file.rows["line"], file.rows["close"], strict=True):
        plain = lines[line - 1].replace(",", "").replace(".", "")
        assert f"{close:.10g}".replace(".", "") in plain


def test_a_usual_close_is_a_daily_row_on_a_day_of_longer_hours_too() -> None:
    """NSE traded until 17:00 on 2021-02-24, and spreadsheets write 15:30; a row of an unfinished day has another."""
    dates = get_market("nifty50").calendar.regular(pd.Timestamp("2021-01-04"), pd.Timestamp("2021-04-15"))
    rows = "".join(f"{date:%-m/%-d/%Y} 15:30:00,14000,14100,13900,14050\n" for date in dates)
    header = "Date,Open,High,Low,Close\n"
    assert pd.DatetimeIndex(recognised("Sheet1.csv", header + rows).rows.index).equals(dates.as_unit("ns"))
    with pytest.raises(DataError, match="at 11:00, which is neither the open nor the close of its session"):
        recognised("Sheet1.csv", header + rows.replace("2/24/2021 15:30", "2/24/2021 11:00"))


def zipped(name: str, text: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(name, text)
    return content.getvalue()


PACKED = {
    "gzip": ("NIFTY 50.csv.gz", gzip.compress(NSE_INDEX.encode())),
    "zip": ("download.zip", zipped("NIFTY 50.csv", NSE_INDEX)),
    "UTF-16": ("NIFTY 50.csv", NSE_INDEX.removeprefix("\ufeff").encode("utf-16")),
    "Windows line ends": ("NIFTY 50.csv", NSE_INDEX.replace("\n", "\r\n").encode()),
    "no last line end": ("NIFTY 50.csv", NSE_INDEX.rstrip("\n").encode()),
    "blank lines": ("NIFTY 50.csv", NSE_INDEX.replace("\n", "\n\n").encode()),
    "rows of commas": ("NIFTY 50.csv", (NSE_INDEX + ",,,,,,\n,,,,,,\n").encode()),
    "a title above": ("NIFTY 50.csv", ("Historical index data\n\n" + NSE_INDEX.removeprefix("\ufeff")).encode()),
    "a comma after each row": ("NIFTY 50.csv", NSE_INDEX.replace("\n", ",\n").encode()),
    "quotes after blanks": ("NIFTY 50.csv", NIFTYINDICES.replace('","', '", "').encode()),
    "tabs before an empty field": ("NIFTY 50.csv", (SPREADSHEET + "\n").replace("29187.1\n", "\n").encode()),
    "the separator named": ("NIFTY 50.csv", ("sep=;\n" + DECIMAL_COMMA).encode()),
    "the header twice": ("NIFTY 50.csv", (NSE_INDEX + NSE_INDEX.removeprefix("\ufeff").splitlines()[0]).encode()),
}


@pytest.mark.parametrize(("name", "content"), PACKED.values(), ids=PACKED)
def test_how_a_file_is_wrapped_changes_nothing(name: str, content: bytes) -> None:
    assert_is(recognised(name, content), "spot_daily", SPOT)


FINDINGS = {
    "an index by its column": (*FORMATS["niftyindices.com"][:2], "Index Name has NIFTY 50"),
    "an index by the header": (*FORMATS["yfinance, three header rows"][:2], "the header names ^NSEI"),
    "an index by the file's name": (*FORMATS["investing.com, day first"][:2], "called Nifty 50 Historical Data.csv"),
    "an index by its level": (
        *FORMATS["Google Sheets"][:2],
        "taken for NIFTY 50: closes lie between 14132.9 and 14347",
    ),
    "columns": (
        *FORMATS["Yahoo's former download"][:2],
        "columns Date, Open, High, Low, Close (line 1); not read: Adj",
    ),
    "rows without prices": (*FORMATS["Yahoo's former download"][:2], "left out, without prices: 1 row (line 2)"),
    "rows before the calendar": (*FORMATS["niftyindices.com"][:2], "before 2000-01-01, where the exchange's calendar"),
    "an order by the calendar": (
        *FORMATS["investing.com, day first"][:2],
        "day-first, by the calendar: month-first, line 2 would be 2021-08-01, on which the exchange was closed",
    ),
    "an order by a line": (
        *FORMATS["date and time apart"][:2],
        "day-first: line 2 has 14-11-2020, which is not month-first",
    ),
    "a decimal comma": (*FORMATS["decimal comma"][:2], "numbers have a decimal comma: line 2 has '14.104,35'"),
    "thousands": (*FORMATS["investing.com, day first"][:2], "commas between thousands: line 2 has '14,258.40'"),
    "a zone": (*FORMATS["yfinance, bars in UTC"][:2], "UTC+00:00: line 2 has that offset; converted to Asia/Kolkata"),
    "hours": (*FORMATS["date and time apart"][:2], "times are of Asia/Kolkata: they fit the hours of its sessions"),
    "an epoch": (*FORMATS["TradingView"][:2], "times are seconds since 1970, UTC: line 2 has 1609731900"),
    "starts": (*FORMATS["Kite, bars"][:2], "bars of 15 minutes, stamped by their start: 18:15 to 19:00 on 2020-11-14"),
    "ends": (*FORMATS["bars by their end, no header"][:2], "stamped by their end: 18:30 to 19:15 on 2020-11-14"),
    "no header": (*FORMATS["bars by their end, no header"][:2], "in every row the second is the highest"),
    "a pre-open bar": (*FORMATS["bars around the session"][:2], "left out, before the open: 1 row (line 2)"),
    "a closing bar": (*FORMATS["bars around the session"][:2], "left out, after the close: 1 row (line 7)"),
}


@pytest.mark.parametrize(("name", "content", "finding"), FINDINGS.values(), ids=FINDINGS)
def test_what_was_understood_is_reported_with_its_proof(name: str, content: str, finding: str) -> None:
    assert any(finding in each for each in recognised(name, content).findings), recognised(name, content).findings


@pytest.mark.parametrize(
    ("order", "dates"), [("day-first", ["08/06/2021", "09/06/2021"]), ("month-first", ["06/08/2021", "06/09/2021"])]
)
def test_an_order_that_is_chosen_is_taken(order: DateOrder, dates: list[str]) -> None:
    """8 June and 9 June, or 6 August and 6 September: sessions all four."""
    file = recognised("india vix.csv", f"Date,Close\n{dates[0]},15.6\n{dates[1]},15.1\n", Choices(date_order=order))
    assert [f"{date:%Y-%m-%d}" for date in file.rows.index] == ["2021-06-08", "2021-06-09"]
    assert f"dates are {order}, as chosen with --date-order" in file.findings


def test_a_zone_that_is_chosen_is_converted() -> None:
    content = YFINANCE_BARS.replace("+00:00", "")
    assert_is(recognised("nifty.csv", content, Choices(zone="UTC")), "spot_intraday", BARS)


def test_a_bar_stamp_that_is_chosen_is_taken() -> None:
    cut = "\n".join(HEADERLESS_ENDS.splitlines()[:3]) + "\n"
    assert_is(recognised("nifty.csv", cut, Choices(bar_stamp="end")), "spot_intraday", BARS[:3])


def test_a_series_that_is_chosen_is_taken() -> None:
    assert_is(recognised("data.csv", INDIA_VIX, Choices(series="vix_daily")), "vix_daily", VIX)


def test_a_volatility_index_without_a_name_is_known_by_a_day_on_which_the_other_exchange_was_closed() -> None:
    """NYSE was closed on 18 January 2021, NSE on 26 January 2021."""
    of_india = "Date,Close\n2021-01-15,24.01\n2021-01-18,24.39\n2021-01-19,22.77\n"
    of_us = "Date,Close\n2021-01-25,23.19\n2021-01-26,23.02\n2021-01-27,37.21\n"
    assert recognised("data.csv", of_india).series == "vix_daily"
    assert recognised("data.csv", of_us).series == "us_vix_daily"


def test_the_us_market_reads_its_own_names_and_summer_time() -> None:
    rows = (
        "Date,Open,High,Low,Close,Volume\n"
        "2021-03-12 00:00:00-05:00,3924.52,3944.99,3915.21,3943.34,0\n"
        "2021-03-15 00:00:00-04:00,3942.96,3970.08,3923.54,3968.94,0\n"
    )
    file = recognised("GSPC.csv", rows, market="sp500")
    assert file.series == "spot_daily"
    assert [f"{date:%Y-%m-%d}" for date in file.rows.index] == ["2021-03-12", "2021-03-15"]
    assert np.array_equal(file.rows["close"], [3943.34, 3968.94])


def test_a_fund_at_any_price_is_the_fund_by_its_name() -> None:
    dear = YAHOO_INDA.replace(",4", ",44")
    assert recognised("INDA.csv", dear).series == "inda_daily"
    assert recognised("INDA.csv", dear).rows["close"].min() > 200


def test_the_finding_of_a_fund_says_what_no_file_shows() -> None:
    assert recognised("INDA.csv", YAHOO_INDA).findings[1] == (
        "its closes have to be unadjusted for dividends, and nothing in a file shows whether they are"
    )
