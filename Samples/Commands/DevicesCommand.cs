using System.CommandLine;
using MomentumCore.Kernels.Devices;

namespace MomentumCore.Samples;

/// <summary>`momentum devices`: what --device may be here.</summary>
internal static class DevicesCommand
{
    public static Command Create(AppHost host)
    {
        var command = new MomentumCommand("devices", "List the devices that this machine offers for --device.")
        {
            Examples =
            [
                ("momentum devices", "names and descriptions"),
                ("momentum train --device cpu", "use one of them"),
            ],
        };
        command.SetAction(_ => Run(host));
        return command;
    }

    private static int Run(AppHost host)
    {
        host.ShowTable(null, ["Name", "What"], Device.All.Append(Device.Emulator).Select(d => new[] { d.Name, d.Description }), leftColumns: 2);
        host.Say($"Default: {SharedOptions.DefaultDevice().Name}; the environment variable " +
            $"{Device.EnvironmentVariable} sets another.");
        return ExitCode.Ok;
    }
}
