"""Case transfer (两法衔接): one case from a department to the police, followed by the procuratorate."""
