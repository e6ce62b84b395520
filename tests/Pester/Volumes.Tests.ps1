BeforeAll {
    . "$PSScriptRoot/support/Session.ps1"
    $missing = if (-not $IsLinux -or (id -u) -ne 0) { 'loop devices need root' }
    elseif (-not (Test-Path /dev/loop-control)) { 'this machine has no loop devices' }
    elseif (@(Get-Command mkfs.xfs, losetup -ErrorAction Ignore).Count -ne 2) { 'mkfs.xfs or losetup is not installed' }
    Push-Location TestDrive:/
    $folder = (Get-Item TestDrive:/).FullName
    $mountPoint = "$folder/data"
    $uuid = [guid]::NewGuid().ToString()
    if (-not $missing) {
        truncate --size 320M disk.img
        mkfs.xfs -q -m "uuid=$uuid" "$folder/disk.img"
    }

    @"
name: orders
engine: redis
version: "7.0"
nodes:
  - { name: orders-1, endpoint: "127.0.0.1:7001", dataDirectory: $mountPoint }
router: { kind: gateway, listen: "127.0.0.1:6379" }
state: ./state
guard: ./guard
volumes:
  - { name: orders-data, node: orders-1, uuid: $uuid, filesystem: xfs, mountPoint: $mountPoint, provider: image, image: ./disk.img }
"@ | Set-Content orders.yaml
}

AfterAll {
    Pop-Location
    if ($missing) { return }
    umount $mountPoint 2> $null
    losetup --noheadings --output NAME --associated "$folder/disk.img" | ForEach-Object { losetup --detach $_.Trim() }
}

Describe 'Volumes and snapshots' {
    It 'are found, moved, taken, restored and retained in one pipeline each' {
        if ($missing) { Set-ItResult -Skipped -Because $missing; return }
        $found = Get-ClusterVolume ./orders.yaml
        $found.Volume | Should -Be 'orders-data'
        $found.State | Should -Be 'Detached'

        $found | Move-ClusterVolume -Node orders-1 -WhatIf
        (Get-ClusterVolume ./orders.yaml).State | Should -Be 'Detached'
        $moved = $found | Move-ClusterVolume -Node orders-1
        $moved.State | Should -Be 'Mounted'
        $moved | Should -BeOfType 'StatefulDeploy.Model.ClusterVolume'

        Set-Content "$mountPoint/kept" first
        $taken = New-ClusterSnapshot ./orders.yaml -Node orders-1
        $taken.Means | Should -Be 'Reflink'
        Set-Content "$mountPoint/kept" second
        $taken | Restore-ClusterSnapshot -Force
        Get-Content "$mountPoint/kept" | Should -Be 'first'

        $newer = New-ClusterSnapshot ./orders.yaml
        Invoke-SnapshotRetention ./orders.yaml -WhatIf
        (Get-ClusterSnapshot ./orders.yaml).Kind | Should -Be 'Hot', 'Hot'
        (Invoke-SnapshotRetention ./orders.yaml).Fate | Should -Be 'Kept', 'Archived'
        (Get-ClusterSnapshot ./orders.yaml).SnapshotId | Should -Be $newer.SnapshotId, $taken.SnapshotId
        ($newer | Remove-ClusterSnapshot -Force -PassThru).SnapshotId | Should -Be $newer.SnapshotId
    }

    It 'keep the last good snapshot, and say what to do' {
        if ($missing) { Set-ItResult -Skipped -Because $missing; return }
        $failure = Get-Failure { Get-ClusterSnapshot ./orders.yaml | Remove-ClusterSnapshot -Force }
        $failure.FullyQualifiedErrorId | Should -BeLike 'LastSnapshot*'
        $failure.ErrorDetails.RecommendedAction | Should -Match 'New-ClusterSnapshot'
    }

    It 'name the node that is not in the cluster' {
        if ($missing) { Set-ItResult -Skipped -Because $missing; return }
        $failure = Get-Failure { Move-ClusterVolume ./orders.yaml -Volume orders-data -Node orders-9 }
        $failure.FullyQualifiedErrorId | Should -BeLike 'NodeNotInCluster*'
        $failure.CategoryInfo.Category | Should -Be 'ObjectNotFound'
    }

    It 'complete names of volumes, nodes and snapshots' {
        if ($missing) { Set-ItResult -Skipped -Because $missing; return }
        $complete = { param($line) (TabExpansion2 -inputScript $line -cursorColumn $line.Length).CompletionMatches.CompletionText }
        & $complete 'Move-ClusterVolume ./orders.yaml -Volume ' | Should -Be 'orders-data'
        & $complete 'Move-ClusterVolume ./orders.yaml -Node ' | Should -Be 'orders-1'
        & $complete 'Restore-ClusterSnapshot ./orders.yaml -SnapshotId ' | Should -Be (Get-ClusterSnapshot ./orders.yaml).SnapshotId
    }
}
