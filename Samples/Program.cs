using MomentumCore.Kernels.Devices;

foreach (var device in Device.All)
    Console.WriteLine($"{device.Name}: {device.Description}");
